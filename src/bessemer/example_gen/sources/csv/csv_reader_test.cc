#include "bessemer/example_gen/sources/csv/csv_reader.h"

#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "bessemer/base/random.h"
#include "bessemer/example_gen/bad_rows.h"
#include "bessemer/example_gen/sources/csv/csv_records_internal.h"
#include "bessemer/example_gen/test_files.h"
#include "bessemer/io/gzip.h"

namespace bessemer::example_gen::csv {
namespace {

using ::testing::HasSubstr;

// All batches joined: {"name TYPE": [cells…]}.
std::string Rows(const CsvInput& input) {
  Json all = Json::object();
  for (const CsvColumn& column : input.columns()) {
    all[column.name + " " + std::string(CellTypeName(column.type))] = Json::array();
  }
  for (int64_t block = 0; block < input.num_blocks(); ++block) {
    const auto source = *input.OpenBlock(block);
    while (true) {
      const auto batch = source->Next();
      if (!batch.ok()) return std::string(Message(batch.status()));
      if (*batch == nullptr) break;
      EXPECT_TRUE((*batch)->ValidateFull().ok());
      EXPECT_TRUE((*batch)->schema()->Equals(*input.schema()));
      const Json cells = BatchToJson(**batch);
      for (auto& [name, values] : all.items()) {
        const Json& more = cells.at(name.substr(0, name.rfind(' ')));
        values.insert(values.end(), more.begin(), more.end());
      }
    }
  }
  return all.dump();
}

std::string BadRowsOf(const CsvInput& input) {
  std::string text;
  for (int64_t block = 0; block < input.num_blocks(); ++block) {
    std::stringstream lines(*input.bad_rows()->Lines(block));
    for (std::string line; std::getline(lines, line);) {
      const Json row = Json::parse(line);
      text += fmt::format("{}: {}: {}\n", row["line"].get<int>(), row["reason"].get<std::string>(),
                          row.contains("text") ? row["text"].get<std::string>() : "");
    }
  }
  return text;
}

std::string ReadCsv(const std::vector<std::string>& contents, CsvOptions options = {}) {
  const TestFolder folder;
  std::vector<std::string> files;
  for (size_t i = 0; i < contents.size(); ++i) {
    files.push_back(folder.Write(fmt::format("{}.csv", i), contents[i]));
  }
  options.scratch_dir = folder.path();
  const auto input = CsvInput::Open(files, options);
  return input.ok() ? Rows(**input) : std::string(Message(input.status()));
}

struct Case {
  const char* name;
  std::vector<std::string> files;
  const char* expected;  // the rows, or part of the error
  CsvOptions options = {};
};

class CsvCases : public ::testing::TestWithParam<Case> {};

TEST_P(CsvCases, Read) {
  EXPECT_THAT(ReadCsv(GetParam().files, GetParam().options), HasSubstr(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Good, CsvCases,
    ::testing::Values(
        Case{"types",
             {"i,f,s,n\n1,2.5,x,\n-3,4,5,\n"},
             R"({"i INT":[[1],[-3]],"f FLOAT":[[2.5],[4.0]],"s STRING":[["x"],["5"]],)"
             R"("n UNKNOWN":[null,null]})"},
        Case{"missing", {"a,b\n,x\n1,\n"}, R"({"a INT":[null,[1]],"b STRING":[["x"],null]})"},
        Case{"types_over_files",
             {"a,b\n1,1\n", "a,b\n1.5,x\n"},
             R"({"a FLOAT":[[1.0],[1.5]],"b STRING":[["1"],["x"]]})"},
        Case{"float32_rounding", {"a\n16777217.0\n0.1\n"}, R"({"a FLOAT":[[16777216.0],[0.1]]})"},
        Case{"too_long_integers_are_strings",
             {"a\n1\n9223372036854775808\n"},
             R"({"a STRING":[["1"],["9223372036854775808"]]})"},
        Case{"crlf", {"a,b\r\n1,x\r\n2,y"}, R"({"a INT":[[1],[2]],"b STRING":[["x"],["y"]]})"},
        Case{"blank_lines", {"a\n\n1\n\r\n2\n\n"}, R"({"a INT":[[1],[2]]})"},
        Case{"blank_lines_are_rows",
             {"a,b\n\n1,2\n"},
             R"({"a INT":[null,[1]],"b INT":[null,[2]]})",
             {.skip_blank_lines = false}},
        Case{"quotes",
             {"a,b\n\"x,y\",\"say \"\"hi\"\"\"\n\"\",2\n"},
             R"({"a STRING":[["x,y"],null],"b STRING":[["say \"hi\""],["2"]]})"},
        Case{"embedded_newlines",
             {"a,b\n\"1\n2\r\n3\",4\n5,\"6\n\"\n"},
             R"({"a STRING":[["1\n2\r\n3"],["5"]],"b INT":[[4],[6]]})"},
        Case{"text_behind_a_quote", {"a\n\"x\"y\"z\n"}, R"({"a STRING":[["xy\"z"]]})"},
        Case{"inches",
             {"a,b\n5\",1\n6\" x,2\n"},
             R"({"a STRING":[["5\""],["6\" x"]],"b INT":[[1],[2]]})"},
        Case{"quotes_inside_plain_cells",
             {"a,b\n5\" x 3\",z\nq\"\",w\n"},
             R"({"a STRING":[["5\" x 3\""],["q\"\""]],"b STRING":[["z"],["w"]]})"},
        Case{"appended_behind_closing_quote", {"a\n\"x\"y\n"}, R"({"a STRING":[["xy"]]})"},
        Case{"quoted_header", {"\"a,1\",b \n1,2\n"}, R"({"a,1 INT":[[1]],"b INT":[[2]]})"},
        Case{"byte_order_mark",
             {"\xef\xbb\xbf"
              "a\n1\n"},
             R"({"a INT":[[1]]})"},
        Case{"header_only", {"a,b\n"}, R"({"a UNKNOWN":[],"b UNKNOWN":[]})"},
        Case{"tabs",
             {"a\tb\n1\t\"x\ty\"\n"},
             R"({"a INT":[[1]],"b STRING":[["x\ty"]]})",
             {.dialect = {.delimiter = '\t'}}},
        Case{"no_quotes",
             {"a,b\n\"x,1\n"},
             R"({"a STRING":[["\"x"]],"b INT":[[1]]})",
             {.dialect = {.quote = '\0'}}},
        Case{"comments",
             {"# don't \"ask\na\n#1\n2\n# \"\n3\n"},
             R"({"a INT":[[2],[3]]})",
             {.dialect = {.comment = '#'}, .block_bytes = 4}},
        Case{"given_names",
             {"1,2\n3,4\n"},
             R"({"x INT":[[1],[3]],"y INT":[[2],[4]]})",
             {.column_names = {{"x", "y"}}}},
        Case{"null_spellings",
             {"a\nNA\n1\n"},
             R"({"a INT":[null,[1]]})",
             {.null_spellings = {"NA"}}},
        Case{"wider_type",
             {"zip\n02139\n"},
             R"({"zip STRING":[["02139"]]})",
             {.column_types = {{"zip", CellType::kString}}}},
        Case{"exact_values",
             {"a,b,c\n1.4104416455023108,\xc3\xa9,\xff\n1,x,y\n"},
             R"({"a FLOAT":[[1.4104416455023108],[1.0]],"b STRING":[["é"],["x"]],)"
             R"("c STRING":[[{"b64":"/w=="}],["y"]]})",
             {.exact_values = true}},
        Case{"lists",
             {"a,b\n1|2,x\n,\n3,y|\n"},
             R"({"a INT":[[1,2],null,[3]],"b STRING":[["x"],null,["y",""]]})",
             {.multivalent_columns = {"a", "b"}}}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Bad, CsvCases,
    ::testing::Values(
        Case{"empty_file", {""}, "0.csv:1: no header line (the file is empty)"},
        Case{"blank_header", {"\n1\n"}, "0.csv:1: no header line"},
        Case{"ragged", {"a,b\n1,2\n\n\"x\n\",2\n3\n"}, "0.csv:6: 1 cells, but 2 columns"},
        Case{"too_many", {"a\n1\n", "a\n1\n1,2,3\n"}, "1.csv:3: 3 cells, but 1 columns"},
        Case{"open_quote", {"a,b\n1,2\n\"3,4\n5,6\n"}, "0.csv:3: a quote is never closed"},
        Case{"quote_closed_by_another",
             {"a,b\nx,\"1\n3,\"4\n"},
             "0.csv:2: a quote is never closed"},
        Case{"open_header", {"a,\"b\n1,2\n"}, "0.csv:1: a quote is never closed in the header"},
        Case{"headers_differ",
             {"a,b\n1,2\n", "a,c\n1,2\n"},
             "0.csv: column 2 is 'c' here, 'b' there"},
        Case{"another_delimiter",
             {"a;b\n1;2,5\n"},
             "0.csv:2: 2 cells, but 1 columns (the header holds ';': is it the delimiter?"},
        Case{"name_twice",
             {"a,b,a,c,b\n"},
             "0.csv:1: columns of the same name: 'a' (columns 1, 3), 'b' (columns 2, 5); rename"},
        Case{"replaced_by_too_few",
             {"a,b\n1,2\n"},
             "0.csv:1: 2 columns, but 1 column_names to replace the header",
             {.column_names = {{"x"}}, .replace_header = true}},
        Case{"header_in_latin_1",
             {"na\xefve\n1\n"},
             "0.csv:1: the header is not UTF-8; if the file is in another encoding, name it"},
        Case{"not_the_encoding",
             {"a,b\nx,1\n\x81,2\n"},
             "0.csv: line 3: the byte 0x81 is no text in the encoding windows-1252",
             {.encoding = "windows-1252"}},
        Case{"not_utf8", {"a\nx\n\xfc\n"}, "0.csv:3: not UTF-8", {.encoding = "utf-8"}},
        Case{"cut_off",
             {std::string("\xff\xfe" "a\0\n\0b", 7)},
             "0.csv: line 2: the text ends within a character of the encoding UTF-16"},
        Case{"old_mac", {"a,b\r1,2\r3,4\r"}, "0.csv:1: a carriage return inside the header"},
        Case{"too_narrow",
             {"a\nx\n"},
             "0.csv:2: column 'a': 'x' is no INT; correct the row",
             {.column_types = {{"a", CellType::kInt}}}},
        Case{"unknown_column",
             {"carrier\nx\n"},
             "no column 'carier'; did you mean 'carrier'?",
             {.column_types = {{"carier", CellType::kString}}}},
        Case{"same_characters", {"a\n"}, "must differ", {.dialect = {.delimiter = '"'}}}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Encodings, CsvCases,
    ::testing::Values(
        Case{"windows_1252",
             {"na\xefve,price\nZ\xfcrich,\x80 5\n"},
             R"({"naïve STRING":[["Zürich"]],"price STRING":[["€ 5"]]})",
             {.encoding = "windows-1252"}},
        Case{"latin_1", {"a\n\xfc\n"}, R"({"a STRING":[["ü"]]})", {.encoding = "latin-1"}},
        Case{"bytes_stay", {"a\nx\n\xfc\n"}, R"({"a STRING":[["x"],[{"b64":"/A=="}]]})"},
        Case{"utf_8_sig", {"\xef\xbb\xbf" "a\nü\n"}, R"({"a STRING":[["ü"]]})",
             {.encoding = "utf-8-sig"}},
        Case{"utf_16_by_its_mark",
             {std::string("\xff\xfe" "a\0\n\0\xfc\0\n\0", 10)},
             R"({"a STRING":[["ü"]]})"},
        Case{"utf_16_without_mark",
             {std::string("\0a\0\n\0\xfc\0\n", 8)},
             R"({"a STRING":[["ü"]]})",
             {.encoding = "UTF-16BE"}},
        Case{"mark_without_header",
             {"\xef\xbb\xbf" "1\n2\n"},
             R"({"a INT":[[1],[2]]})",
             {.column_names = {{"a"}}}},
        Case{"replaced_header",
             {"a,a\n1,2\n", "a,a\n3,4\n"},
             R"({"x INT":[[1],[3]],"y INT":[[2],[4]]})",
             {.column_names = {{"x", "y"}}, .replace_header = true}}),
    [](const auto& info) { return info.param.name; });

TEST(CsvInputTest, ConvertsCompressedTextAndCharactersThatAreCut) {
  std::string text = "a\n";
  for (int i = 0; i < 1'000'000; ++i) text += i % 7 == 0 ? "\xfc\n" : "u\n";
  std::string utf16 = "\xff\xfe";
  for (const char c : text) {
    utf16 += c;
    utf16 += '\0';
  }
  const TestFolder folder;
  const auto plain = folder.Write("x.csv", text);
  const std::string packed = folder.path() + "/y.csv.gz";
  const auto out = io::GzipOutput(*io::OpenOutput(packed));
  ASSERT_TRUE(out->Write(utf16).ok());
  ASSERT_TRUE(out->Close().ok());
  const auto a = CsvInput::Open({plain}, {.encoding = "iso-8859-1"});
  const auto b = CsvInput::Open({packed}, {});
  ASSERT_TRUE(a.ok()) << a.status();
  ASSERT_TRUE(b.ok()) << b.status();
  EXPECT_EQ((*a)->num_rows(), 1'000'000);
  EXPECT_EQ(Rows(**a), Rows(**b));
}

TEST(CsvInputTest, SaysWhereBytesAreNotUtf8) {
  const TestFolder folder;
  const auto file = folder.Write("x.csv", "a,b\n1,x\n2,\"y\n\"\n\xfc\n3,\xfc\n");
  const auto input = CsvInput::Open({file}, {.on_bad_row = OnBadRow::kQuarantine});
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_THAT((*input)->note(), HasSubstr("x.csv:6: column 'b' holds bytes that are not UTF-8"));
}

TEST(CsvInputTest, MissingFile) {
  EXPECT_EQ(CsvInput::Open({"/nonexistent/x.csv"}, {}).status().code(), StatusCode::kNotFound);
}

TEST(CsvInputTest, QuarantinesBadRows) {
  const TestFolder folder;
  const auto file = folder.Write("x.csv", "a,b\n1,2\nbad\n3,4\n5,6,7\n\"open,8\n");
  const auto input = CsvInput::Open({file}, {.on_bad_row = OnBadRow::kQuarantine});
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_EQ(Rows(**input), R"({"a INT":[[1],[3]],"b INT":[[2],[4]]})");
  EXPECT_EQ((*input)->bad_rows()->num_rows(), 3);
  EXPECT_EQ(BadRowsOf(**input),
            "3: 1 cells, but 2 columns: bad\n5: 3 cells, but 2 columns: 5,6,7\n"
            "6: a quote is never closed: \"open,8\n");
}

TEST(CsvInputTest, CellsOfOtherTypesMakeBadRows) {
  const TestFolder folder;
  const auto file = folder.Write("x.csv", "i,f,l\n1,2,1|2\nN/A,1,\n2.5,2,\n3,x,\n4,5e1,1|\n,,\n");
  const auto input = CsvInput::Open({file}, {.column_types = {{"i", CellType::kInt}},
                                             .known_types = {{"f", CellType::kFloat},
                                                             {"i", CellType::kString},
                                                             {"l", CellType::kInt},
                                                             {"other", CellType::kInt}},
                                             .multivalent_columns = {"l"},
                                             .on_bad_row = OnBadRow::kQuarantine});
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_EQ(Rows(**input), R"({"i INT":[[1],null],"f FLOAT":[[2.0],null],"l INT":[[1,2],null]})");
  EXPECT_EQ(BadRowsOf(**input),
            "3: column 'i': 'N/A' is no INT: N/A,1,\n4: column 'i': '2.5' is no INT: 2.5,2,\n"
            "5: column 'f': 'x' is no FLOAT: 3,x,\n6: column 'l': '1|' is no INT: 4,5e1,1|\n");
}

// A quote that is never closed spoils its own line and no other, wherever the text is cut.
TEST(CsvInputTest, OpenQuotesSpoilTheirLinesOnly) {
  const TestFolder folder;
  std::string text = "id,name\n";
  for (int i = 1; i <= 2000; ++i) {
    const char* name = i % 400 == 51 ? "\"open" : i % 100 == 7 ? "\"two\nlines\"" : "\"plain\"";
    text += fmt::format("{},{}\n", i, i % 3 == 0 && name[1] == 'p' ? "x" : name);
  }
  const auto file = folder.Write("x.csv", text);
  for (const int64_t block_bytes : {1 << 20, 3, 1000}) {
    const auto input = CsvInput::Open(
        {file}, {.on_bad_row = OnBadRow::kQuarantine, .block_bytes = block_bytes});
    ASSERT_TRUE(input.ok()) << input.status();
    EXPECT_EQ((*input)->num_rows(), 1995);
    EXPECT_EQ(BadRowsOf(**input),
              "53: a quote is never closed: 51,\"open\n"
              "457: a quote is never closed: 451,\"open\n"
              "861: a quote is never closed: 851,\"open\n"
              "1265: a quote is never closed: 1251,\"open\n"
              "1669: a quote is never closed: 1651,\"open\n");
  }
}

// Each line opens a cell that the next one closes and opens again: reading on from every one of
// them would take hours.
TEST(CsvInputTest, TimeIsLinearInOpenQuotes) {
  const TestFolder folder;
  std::string text = "a,b,c\n";
  constexpr int kRows = 200000;
  for (int i = 0; i < kRows; ++i) text += "b\",5\" x,\"open\n";
  const auto file = folder.Write("x.csv", text);
  for (const int64_t block_bytes : {int64_t{64} << 20, int64_t{1} << 16}) {
    const auto input = CsvInput::Open(
        {file}, {.on_bad_row = OnBadRow::kQuarantine, .block_bytes = block_bytes});
    ASSERT_TRUE(input.ok()) << input.status();
    EXPECT_EQ((*input)->bad_rows()->num_rows(), kRows);
  }
}

TEST(CsvInputTest, HintsAtWordsForNothing) {
  const TestFolder folder;
  const auto file =
      folder.Write("x.csv", "a,b,c,d\nNA,1,x,NA\n1,2,NA,NA\n2.5,null,5,\nNA,3,1,NA\n");
  for (const int64_t block_bytes : {1 << 20, 1}) {
    const auto input = CsvInput::Open({file}, {.block_bytes = block_bytes});
    ASSERT_TRUE(input.ok());
    std::string hints;
    for (const NullHint& hint : (*input)->null_hints()) {
      hints += fmt::format("{} {} {} {};", hint.column, CellTypeName(hint.type), hint.spellings[0],
                           hint.num_cells);
    }
    EXPECT_EQ(hints, "a FLOAT NA 2;b INT null 1;");
  }
}

TEST(CsvInputTest, ReadsGzip) {
  const TestFolder folder;
  const std::string path = folder.path("x.csv.gz");
  const auto out = io::GzipOutput(*io::OpenOutput(path));
  ASSERT_TRUE(out->Write("a\n1\n2\n").ok());
  ASSERT_TRUE(out->Close().ok());
  const auto input = CsvInput::Open({path}, {.scratch_dir = folder.path()});
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_EQ(Rows(**input), R"({"a INT":[[1],[2]]})");
  const std::string whole = folder.Read("x.csv.gz");
  folder.Write("cut.csv.gz", whole.substr(0, whole.size() - 9));
  const auto cut = CsvInput::Open({folder.path("cut.csv.gz")}, {.scratch_dir = folder.path()});
  EXPECT_EQ(cut.status().code(), StatusCode::kDataLoss);
}

std::string RandomCsv(Random& random, bool hostile) {
  std::string text = "a,b,c\n";
  const uint64_t rows = random.Below(60);
  for (uint64_t row = 0; row < rows; ++row) {
    for (int column = 0; column < 3; ++column) {
      if (column > 0) text += ',';
      switch (random.Below(hostile ? 7 : 6)) {
        case 0:
          break;
        case 1:
          text += fmt::format("{}", random.Below(1000));
          break;
        case 2:
          text += fmt::format("{:.2f}", random.Normal());
          break;
        case 3:
          text += "\"x\ny,\"\"z\"\"\"";
          break;
        case 4:
          text += "\"\n\n\"";
          break;
        case 5:
          text += std::string(random.Below(30), 'w');
          break;
        default:
          text += std::string_view("\",\n\r\"x\0#", 8)[random.Below(8)];
      }
    }
    text += random.Below(4) == 0 ? "\r\n" : "\n";
  }
  return text;
}

// Wherever the text is cut, and however many threads read: the same rows, types, faults and lines.
TEST(CsvInputTest, BlocksAndThreadsDoNotMatter) {
  Random random(5);
  const TestFolder folder;
  for (int round = 0; round < 120; ++round) {
    const auto file = folder.Write("x.csv", RandomCsv(random, round % 2 == 0));
    const char comment = round % 4 == 0 ? '#' : '\0';
    std::string wanted;
    for (const int64_t block_bytes : {1 << 20, 1, 7, 64, 333}) {
      for (const int num_threads : {1, 4}) {
        const auto input = CsvInput::Open({file}, {.dialect = {.comment = comment},
                                                   .on_bad_row = OnBadRow::kQuarantine,
                                                   .num_threads = num_threads,
                                                   .block_bytes = block_bytes});
        ASSERT_TRUE(input.ok()) << input.status();
        const std::string got = Rows(**input) + "\n" + BadRowsOf(**input);
        if (wanted.empty()) wanted = got;
        ASSERT_EQ(got, wanted) << "blocks of " << block_bytes << ", round " << round;
      }
    }
  }
}

// Arbitrary bytes give rows or errors, never worse, and records cover the text in order.
TEST(CsvRecordsTest, SurvivesAnything) {
  Random random(17);
  const std::string_view alphabet("ab1.,\"\n\r#|\0", 11);
  for (int round = 0; round < 100000; ++round) {
    std::string text(random.Below(40), '\0');
    for (char& c : text) c = alphabet[random.Below(alphabet.size())];
    CsvRecords records({.comment = round % 2 == 0 ? '#' : '\0'}, text);
    int64_t last = -1;
    while (records.Next()) {
      ASSERT_GT(records.begin(), last);
      last = records.begin();
      for (const std::string_view cell : records.cells()) ASSERT_LE(cell.size(), text.size());
    }
  }
}

}  // namespace
}  // namespace bessemer::example_gen::csv
