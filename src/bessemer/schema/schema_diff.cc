#include <fmt/format.h>

#include <map>

#include "bessemer/schema/path.h"
#include "bessemer/schema/schema_table.h"

namespace bessemer::schema {

using ::tensorflow::metadata::v0::Schema;

namespace {

// Entries by title, in order; the text of what belongs to none is that of "schema".
class Entries {
 public:
  explicit Entries(const Schema& schema) {
    AddAll("feature", schema.feature());
    AddAll("sparse_feature", schema.sparse_feature());
    AddAll("weighted_feature", schema.weighted_feature());
    AddAll("string_domain", schema.string_domain());
    Schema rest = schema;
    rest.clear_feature();
    rest.clear_sparse_feature();
    rest.clear_weighted_feature();
    rest.clear_string_domain();
    rest_ = rest.Utf8DebugString();
  }

  const std::vector<std::string>& titles() const { return titles_; }
  const std::string& rest() const { return rest_; }
  const std::string* Find(const std::string& title) const {
    const auto found = texts_.find(title);
    return found == texts_.end() ? nullptr : &found->second;
  }

 private:
  template <typename List>
  void AddAll(std::string_view kind, const List& list) {
    for (const auto& entry : list) {
      std::string title = fmt::format("{} {}", kind, Path({entry.name()}).ToString());
      // Two entries of one name are compared as one text.
      const auto [at, is_new] = texts_.emplace(title, entry.Utf8DebugString());
      if (is_new) {
        titles_.push_back(std::move(title));
      } else {
        at->second += entry.Utf8DebugString();
      }
    }
  }

  std::vector<std::string> titles_;
  std::map<std::string, std::string> texts_;
  std::string rest_;
};

}  // namespace

std::vector<EntryDiff> DiffSchemas(const Schema& left, const Schema& right) {
  const Entries a(left);
  const Entries b(right);
  std::vector<EntryDiff> diffs;
  for (const std::string& title : a.titles()) {
    const std::string* other = b.Find(title);
    if (other != nullptr && *other == *a.Find(title)) continue;
    diffs.push_back({title, true, other != nullptr,
                     DiffLines(*a.Find(title), other == nullptr ? "" : *other)});
  }
  for (const std::string& title : b.titles()) {
    if (a.Find(title) != nullptr) continue;
    diffs.push_back({title, false, true, DiffLines("", *b.Find(title))});
  }
  if (a.rest() != b.rest()) diffs.push_back({"schema", true, true, DiffLines(a.rest(), b.rest())});
  return diffs;
}

std::string FormatRuns(const std::vector<DiffRun>& runs, int context, const std::string& indent) {
  std::string text;
  for (size_t r = 0; r < runs.size(); ++r) {
    for (const std::string& line : runs[r].left) text += fmt::format("{}- {}\n", indent, line);
    for (const std::string& line : runs[r].right) text += fmt::format("{}+ {}\n", indent, line);
    const int n = static_cast<int>(runs[r].both.size());
    const int head = r == 0 ? 0 : context;                // lines kept after a difference
    const int tail = r + 1 == runs.size() ? 0 : context;  // and before the next one
    for (int i = 0; i < n; ++i) {
      if (i < head || i >= n - tail) {
        text += fmt::format("{}  {}\n", indent, runs[r].both[i]);
      } else if (i == head) {
        text += fmt::format("{}  …\n", indent);
      }
    }
  }
  return text;
}

}  // namespace bessemer::schema
