#ifndef BESSEMER_EXAMPLE_GEN_TEST_FILES_H_
#define BESSEMER_EXAMPLE_GEN_TEST_FILES_H_

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "bessemer/example_gen/row_json.h"

namespace bessemer::example_gen {

// A folder of the running test's own, empty at first, removed afterwards.
class TestFolder {
 public:
  TestFolder() {
    std::string name = ::testing::TempDir() + "example_gen_XXXXXX";
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }

  std::string path(const std::string& name = "") const {
    return name.empty() ? path_.string() : (path_ / name).string();
  }
  // Writes a file and returns its path.
  std::string Write(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << content;
    return path(name);
  }
  std::string Read(const std::string& name) const {
    std::ifstream in(path_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  std::filesystem::path path_;
};

// {"column": [cell, …], …}
inline Json BatchToJson(const arrow::RecordBatch& batch) {
  Json all = Json::object();
  for (int i = 0; i < batch.num_columns(); ++i) {
    const auto column = columnar::FeatureColumn::Make(batch.column(i));
    Json cells = Json::array();
    for (int64_t row = 0; column.ok() && row < batch.num_rows(); ++row) {
      cells.push_back(CellToJson(*column, row));
    }
    all[batch.column_name(i)] = std::move(cells);
  }
  return all;
}

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_TEST_FILES_H_
