#ifndef BESSEMER_STATISTICS_NATURAL_LANGUAGE_VOCABULARY_H_
#define BESSEMER_STATISTICS_NATURAL_LANGUAGE_VOCABULARY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bessemer/base/status.h"

namespace bessemer::statistics::natural_language {

// The tokens of a language and their numbers: 0, 1, … in the order of the file. Immutable.
class Vocabulary {
 public:
  // A file whose name ends in "tfrecord.gz" holds a token in each TFRecord, any other one in each
  // line; white space around a token is dropped. Of a token that is there twice the last number
  // counts, both numbers stand for it. NOT_FOUND if there is no such file; errors name the file.
  static StatusOr<std::shared_ptr<const Vocabulary>> Read(const std::string& path);
  // The same, shared with every other user of the path who still holds it. Thread-safe.
  static StatusOr<std::shared_ptr<const Vocabulary>> ReadShared(const std::string& path);

  std::optional<int64_t> Number(std::string_view token) const {
    const auto it = numbers_.find(token);
    if (it == numbers_.end()) return std::nullopt;
    return it->second;
  }
  // Valid as long as the vocabulary.
  std::optional<std::string_view> Token(int64_t number) const {
    if (number < 0 || number >= static_cast<int64_t>(tokens_.size())) return std::nullopt;
    return tokens_[static_cast<size_t>(number)];
  }
  size_t size() const { return tokens_.size(); }

 private:
  void Add(std::string_view token);

  std::vector<std::string> storage_;
  std::vector<std::string_view> tokens_;
  std::unordered_map<std::string_view, int64_t> numbers_;
};

}  // namespace bessemer::statistics::natural_language

#endif  // BESSEMER_STATISTICS_NATURAL_LANGUAGE_VOCABULARY_H_
