#include "bessemer/example_gen/bad_rows.h"

#include <unistd.h>

#include "bessemer/base/json_text.h"
#include "bessemer/columnar/utf8.h"
#include "bessemer/example_gen/base64.h"
#include "bessemer/example_gen/scratch_file_internal.h"

namespace bessemer::example_gen {

BadRows::~BadRows() {
  if (fd_ >= 0) close(fd_);
}

Status BadRows::Add(int64_t block, const std::vector<BadRow>& rows) {
  if (rows.empty()) return OkStatus();
  const std::lock_guard lock(mutex_);
  Block& known = blocks_[block];
  std::string text;
  int64_t added = 0;
  for (const BadRow& row : rows) {
    if (row.place.line <= known.last_line) continue;
    known.last_line = row.place.line;
    Json json = {{"file", row.place.file}, {"line", row.place.line}, {"reason", row.reason}};
    if (!row.column.empty()) json["column"] = row.column;
    if (columnar::IsUtf8(row.text)) {
      json["text"] = row.text;
    } else {
      json["base64"] = Base64(row.text);
    }
    text += JsonText(json) + "\n";
    ++added;
  }
  if (added == 0) return OkStatus();
  if (fd_ < 0) {
    BESSEMER_ASSIGN_OR_RETURN(fd_, OpenScratchFile(scratch_dir_));
  }
  BESSEMER_RETURN_IF_ERROR(WriteAll(fd_, text, scratch_dir_));
  known.extents.push_back({end_, static_cast<int64_t>(text.size())});
  end_ += static_cast<int64_t>(text.size());
  num_rows_ += added;
  return OkStatus();
}

int64_t BadRows::num_rows() const {
  const std::lock_guard lock(mutex_);
  return num_rows_;
}

StatusOr<std::string> BadRows::Lines(int64_t block) const {
  const std::lock_guard lock(mutex_);
  const auto found = blocks_.find(block);
  std::string text;
  if (found == blocks_.end()) return text;
  std::string part;
  for (const Extent& extent : found->second.extents) {
    part.resize(static_cast<size_t>(extent.size));
    BESSEMER_RETURN_IF_ERROR(ReadAt(fd_, extent.begin, &part, "the rows set aside"));
    text += part;
  }
  return text;
}

}  // namespace bessemer::example_gen
