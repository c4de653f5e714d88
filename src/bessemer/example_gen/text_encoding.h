#ifndef BESSEMER_EXAMPLE_GEN_TEXT_ENCODING_H_
#define BESSEMER_EXAMPLE_GEN_TEXT_ENCODING_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "bessemer/base/status.h"

namespace bessemer::example_gen {

// True for UTF-8 by any of its usual names, e.g. "utf-8", "UTF8"; case is ignored.
bool IsUtf8Name(std::string_view encoding);

// "UTF-16" or "UTF-32" if the text begins with the byte order mark of one, else "".
std::string_view EncodingOfMark(std::string_view begin);

// Makes UTF-8 of text in another encoding, piece by piece. Encodings are those of iconv, by the
// names that it or Python gives them: "windows-1252", "latin-1", "utf-16", "shift_jis". A byte
// order mark says the order of UTF-16 and UTF-32 and goes. Not thread-safe.
class Utf8Converter {
 public:
  // INVALID_ARGUMENT for an encoding that the system does not know.
  static StatusOr<std::unique_ptr<Utf8Converter>> Create(const std::string& encoding);
  ~Utf8Converter();
  Utf8Converter(const Utf8Converter&) = delete;
  Utf8Converter& operator=(const Utf8Converter&) = delete;

  // Appends what the next bytes say; a character may be cut between two calls. INVALID_ARGUMENT,
  // with the line, for bytes that are no text in this encoding.
  Status Add(std::string_view bytes, std::string* out);
  // INVALID_ARGUMENT if the last character is cut off.
  Status Finish() const;

 private:
  Utf8Converter(std::string encoding, void* descriptor)
      : encoding_(std::move(encoding)), descriptor_(descriptor) {}

  std::string encoding_;
  void* descriptor_;
  std::string rest_;  // of a character that is not complete
  int64_t line_ = 1;
};

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_TEXT_ENCODING_H_
