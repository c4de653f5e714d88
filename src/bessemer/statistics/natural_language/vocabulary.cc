#include "bessemer/statistics/natural_language/vocabulary.h"

#include <deque>
#include <map>
#include <mutex>

#include "bessemer/io/file.h"
#include "bessemer/io/tfrecord.h"

namespace bessemer::statistics::natural_language {
namespace {

std::string_view Stripped(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n\r\v\f\x1c\x1d\x1e\x1f";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

}  // namespace

void Vocabulary::Add(std::string_view token) { storage_.emplace_back(Stripped(token)); }

StatusOr<std::shared_ptr<const Vocabulary>> Vocabulary::Read(const std::string& path) {
  auto vocabulary = std::make_shared<Vocabulary>();
  if (path.ends_with("tfrecord.gz")) {
    BESSEMER_ASSIGN_OR_RETURN(auto reader, io::TFRecordReader::Open(path));
    std::string_view record;
    while (true) {
      BESSEMER_ASSIGN_OR_RETURN(const bool more, reader->Next(&record));
      if (!more) break;
      vocabulary->Add(record);
    }
  } else {
    BESSEMER_ASSIGN_OR_RETURN(const std::string text, io::ReadFile(path));
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = std::min(text.find('\n', begin), text.size());
      vocabulary->Add(std::string_view(text).substr(begin, end - begin));
      begin = end + 1;
    }
  }
  vocabulary->tokens_.assign(vocabulary->storage_.begin(), vocabulary->storage_.end());
  for (size_t i = 0; i < vocabulary->tokens_.size(); ++i) {
    vocabulary->numbers_[vocabulary->tokens_[i]] = static_cast<int64_t>(i);
  }
  return vocabulary;
}

StatusOr<std::shared_ptr<const Vocabulary>> Vocabulary::ReadShared(const std::string& path) {
  static std::mutex mutex;
  static auto* const known = new std::map<std::string, std::weak_ptr<const Vocabulary>>();
  std::lock_guard<std::mutex> lock(mutex);
  if (auto vocabulary = (*known)[path].lock()) return vocabulary;
  BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<const Vocabulary> vocabulary, Read(path));
  (*known)[path] = vocabulary;
  return vocabulary;
}

}  // namespace bessemer::statistics::natural_language
