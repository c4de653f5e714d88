#include "bessemer/example_gen/sources/csv/csv_cell.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <charconv>
#include <cmath>

#include "bessemer/base/random.h"
#include "bessemer/example_gen/sources/csv/csv_scan_internal.h"

namespace bessemer::example_gen::csv {
namespace {

// Checked against Python's int() and float() of the same bytes.
TEST(CsvCellTest, ClassifiesAsPythonParses) {
  struct Case {
    std::string_view text;
    CellType type;
  };
  const Case cases[] = {
      {"", CellType::kUnknown},
      {"0", CellType::kInt},
      {"-0", CellType::kInt},
      {"+5", CellType::kInt},
      {"007", CellType::kInt},
      {" 12 ", CellType::kInt},
      {"\t3\x0b", CellType::kInt},
      {"1_000", CellType::kInt},
      {"9223372036854775807", CellType::kInt},
      {"-9223372036854775808", CellType::kInt},
      {"9223372036854775808", CellType::kString},
      {"-9223372036854775809", CellType::kString},
      {"99999999999999999999999", CellType::kString},
      {"00000000000000000000000000001", CellType::kInt},
      {"1__0", CellType::kString},
      {"_1", CellType::kString},
      {"1_", CellType::kString},
      {"+_1", CellType::kString},
      {"-", CellType::kString},
      {"+", CellType::kString},
      {"+-1", CellType::kString},
      {"- 1", CellType::kString},
      {"0x10", CellType::kString},
      {"1 2", CellType::kString},
      {" ", CellType::kString},
      {"1\xc2\xa0", CellType::kString},
      {"1.5", CellType::kFloat},
      {"1.", CellType::kFloat},
      {".5", CellType::kFloat},
      {".", CellType::kString},
      {"+.5e-3", CellType::kFloat},
      {"1e5", CellType::kFloat},
      {"1E+5", CellType::kFloat},
      {"1e", CellType::kString},
      {"1e+", CellType::kString},
      {"e5", CellType::kString},
      {"1_0.5_0", CellType::kFloat},
      {"1_.5", CellType::kString},
      {"1._5", CellType::kString},
      {"1e1_0", CellType::kFloat},
      {"1_e1", CellType::kString},
      {"nan", CellType::kFloat},
      {"-NaN", CellType::kFloat},
      {"inf", CellType::kFloat},
      {"+Infinity", CellType::kFloat},
      {" infinity ", CellType::kFloat},
      {"infin", CellType::kString},
      {"in_f", CellType::kString},
      {"nan(1)", CellType::kString},
      {"1e999", CellType::kFloat},
      {"1e-999", CellType::kFloat},
      {"0x1p3", CellType::kString},
      {"1.5.2", CellType::kString},
      {"1,5", CellType::kString},
      {"true", CellType::kString},
      {"2013-01-01", CellType::kString},
  };
  for (const auto& [text, type] : cases) {
    EXPECT_EQ(CellTypeName(ClassifyCell(text)), CellTypeName(type)) << "'" << text << "'";
  }
}

TEST(CsvCellTest, ParsesIntegers) {
  int64_t value = 0;
  EXPECT_EQ(ParsePythonInt("-9223372036854775808", &value), IntParse::kOk);
  EXPECT_EQ(value, INT64_MIN);
  EXPECT_EQ(ParsePythonInt(" +1_234_567 ", &value), IntParse::kOk);
  EXPECT_EQ(value, 1234567);
  EXPECT_EQ(ParsePythonInt("9223372036854775808", &value), IntParse::kTooLong);
}

TEST(CsvCellTest, ParsesFloats) {
  struct Case {
    std::string_view text;
    double value;
  };
  const Case cases[] = {{"12.34", 12.34},
                        {"-0.0", -0.0},
                        {"1e999", INFINITY},
                        {"-1e999", -INFINITY},
                        {"1e-999", 0.0},
                        {"1_0.2_5", 10.25},
                        {"5", 5.0},
                        {"9007199254740993", 9007199254740992.0},
                        {"0.1e1", 1.0},
                        {"123456789012345678", 123456789012345678.0},
                        {"1e23", 1e23},
                        {".000000000000000000000000001", 1e-27},
                        {"4.9e-324", 4.9e-324},
                        {"-Infinity", -INFINITY}};
  for (const auto& [text, wanted] : cases) {
    double value = 99;
    ASSERT_TRUE(ParsePythonFloat(text, &value)) << text;
    EXPECT_EQ(value, wanted) << text;
    EXPECT_EQ(std::signbit(value), std::signbit(wanted)) << text;
  }
  double value = 0;
  ASSERT_TRUE(ParsePythonFloat("nan", &value));
  EXPECT_TRUE(std::isnan(value));
}

TEST(CsvCellTest, FloatsAreTheNearestDoubles) {
  Random random(3);
  for (int i = 0; i < 20000; ++i) {
    const std::string text =
        fmt::format("{:.{}f}", random.Normal() * std::pow(10, static_cast<double>(random.Below(9))),
                    random.Below(12));
    double fast = 0;
    double wanted = 0;
    ASSERT_TRUE(ParsePythonFloat(text, &fast));
    std::from_chars(text.data(), text.data() + text.size(), wanted);
    ASSERT_EQ(fast, wanted) << text;
  }
}

TEST(CsvScanTest, SimdAgreesWithPlain) {
  Random random(11);
  for (int round = 0; round < 300; ++round) {
    std::string text(random.Below(700), '\0');
    const std::string_view alphabet = round % 3 == 0 ? "abcdefgh,\"\n" : "ab,\"\n";
    for (char& c : text) c = alphabet[random.Below(alphabet.size())];
    for (const char quote : {'"', '\n'}) {
      std::vector<uint32_t> fast = {1, 2, 3};
      std::vector<uint32_t> plain;
      FindStructure(text, ',', quote, &fast);
      FindStructurePortable(text, ',', quote, &plain);
      ASSERT_EQ(fast, plain);
    }
    ASSERT_EQ(CountByte(text, ','), CountBytePortable(text, ','));
  }
}

}  // namespace
}  // namespace bessemer::example_gen::csv
