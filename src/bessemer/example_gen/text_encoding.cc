#include "bessemer/example_gen/text_encoding.h"

#include <iconv.h>

#include <algorithm>
#include <cctype>
#include <cerrno>

namespace bessemer::example_gen {
namespace {

using namespace std::string_view_literals;

const iconv_t kNone = reinterpret_cast<iconv_t>(-1);

// Without the signs in which names of one encoding differ.
std::string PlainName(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c != '-' && c != '_' && c != ' ') {
      plain += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
  }
  return plain;
}

// "//" in a name would be an instruction to iconv, e.g. to drop what it cannot convert.
iconv_t OpenIconv(const std::string& name) {
  return name.empty() || name.find('/') != std::string::npos ? kNone
                                                             : iconv_open("UTF-8", name.c_str());
}

}  // namespace

bool IsUtf8Name(std::string_view encoding) {
  const std::string plain = PlainName(encoding);
  return plain == "UTF8" || plain == "UTF8SIG";
}

std::string_view EncodingOfMark(std::string_view begin) {
  if (begin.starts_with("\xff\xfe\0\0"sv) || begin.starts_with("\0\0\xfe\xff"sv)) return "UTF-32";
  return begin.starts_with("\xff\xfe") || begin.starts_with("\xfe\xff") ? "UTF-16" : "";
}

StatusOr<std::unique_ptr<Utf8Converter>> Utf8Converter::Create(const std::string& encoding) {
  iconv_t descriptor = OpenIconv(encoding);
  if (descriptor == kNone) descriptor = OpenIconv(PlainName(encoding));
  if (descriptor == kNone) {
    return InvalidArgumentError(
        "the system knows no encoding '{}'; usual ones are utf-8, windows-1252, iso-8859-1, "
        "iso-8859-15, utf-16; `iconv -l` lists all",
        encoding);
  }
  return std::unique_ptr<Utf8Converter>(new Utf8Converter(encoding, descriptor));
}

Utf8Converter::~Utf8Converter() { iconv_close(static_cast<iconv_t>(descriptor_)); }

Status Utf8Converter::Add(std::string_view bytes, std::string* out) {
  rest_.append(bytes);
  char* in = rest_.data();
  size_t in_left = rest_.size();
  char piece[1 << 14];
  while (in_left > 0) {
    char* to = piece;
    size_t to_left = sizeof(piece);
    const bool done = iconv(static_cast<iconv_t>(descriptor_), &in, &in_left, &to, &to_left) !=
                      static_cast<size_t>(-1);
    const int error = errno;
    line_ += std::count(piece, to, '\n');
    out->append(piece, to);
    if (done || error == EINVAL) break;  // EINVAL: the last character goes on in the next piece
    if (error == E2BIG) continue;
    return InvalidArgumentError("line {}: the byte 0x{:02x} is no text in the encoding {}; give "
                                "the encoding the file is in",
                                line_, static_cast<unsigned char>(*in), encoding_);
  }
  rest_.erase(0, rest_.size() - in_left);
  return OkStatus();
}

Status Utf8Converter::Finish() const {
  if (rest_.empty()) return OkStatus();
  return InvalidArgumentError("line {}: the text ends within a character of the encoding {}", line_,
                              encoding_);
}

}  // namespace bessemer::example_gen
