#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_MYSQL_MYSQL_COLUMNS_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_MYSQL_MYSQL_COLUMNS_INTERNAL_H_

#include <arrow/type_fwd.h>
#include <mariadb/mysql.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"

namespace bessemer::example_gen::mysql {

// A column of a result: its type, and where the client library puts the value of a row.
class Column {
 public:
  explicit Column(const MYSQL_FIELD& field);

  const std::string& name() const { return name_; }
  const std::shared_ptr<arrow::DataType>& type() const { return type_; }

  // The binding refers to this object, which must stay where it is.
  MYSQL_BIND Bind();

  // Appends the fetched value to a builder of type(). OUT_OF_RANGE for dates without a month or a
  // day; a date of zeros is null.
  Status Append(MYSQL_STMT* statement, unsigned int index, arrow::ArrayBuilder* builder,
                int64_t* bytes);

 private:
  enum class Format { kNull, kInteger, kFloat, kDouble, kDecimal, kBits, kTime, kBytes };

  void SetFormat(const MYSQL_FIELD& field);
  StatusOr<std::string_view> Bytes(MYSQL_STMT* statement, unsigned int index);
  Status AppendTime(arrow::ArrayBuilder* builder) const;

  std::string name_;
  Format format_ = Format::kBytes;
  std::shared_ptr<arrow::DataType> type_;
  // Of the row at hand.
  union {
    int64_t integer;
    float single;
    double number;
    MYSQL_TIME time;
  } value_ = {};
  std::vector<char> buffer_;
  std::vector<char> long_value_;  // one that buffer_ is too small for
  unsigned long length_ = 0;
  my_bool is_null_ = 0;
  my_bool truncated_ = 0;
};

}  // namespace bessemer::example_gen::mysql

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_MYSQL_MYSQL_COLUMNS_INTERNAL_H_
