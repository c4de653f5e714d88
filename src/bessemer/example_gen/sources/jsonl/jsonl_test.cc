#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "bessemer/base/random.h"
#include "bessemer/example_gen/arrow_features.h"
#include "bessemer/example_gen/bad_rows.h"
#include "bessemer/example_gen/row_files.h"
#include "bessemer/example_gen/sources/jsonl/jsonl_reader.h"
#include "bessemer/example_gen/test_files.h"

namespace bessemer::example_gen::jsonl {
namespace {

using ::testing::HasSubstr;

// "schema / features / bad rows", or the error.
std::string Read(const std::vector<std::string>& contents, JsonlOptions options = {}) {
  const TestFolder folder;
  std::vector<std::string> files;
  for (size_t i = 0; i < contents.size(); ++i) {
    files.push_back(folder.Write(fmt::format("{}.jsonl", i), contents[i]));
  }
  options.scratch_dir = folder.path();
  const auto input = OpenJsonl(files, options);
  if (!input.ok()) {
    std::string message(Message(input.status()));
    for (size_t at; (at = message.find(folder.path())) != std::string::npos;) {
      message.erase(at, folder.path().size() + 1);
    }
    return message;
  }
  std::string text;
  for (const auto& field : (*input)->schema()->fields()) {
    text += (text.empty() ? "" : ", ") + field->ToString();
  }
  const FeatureConverter converter((*input)->schema());
  const auto rows = ReadRows(**input, (*input)->schema());
  Json all = Json::object();
  while (true) {
    const auto batch = rows->Next();
    if (!batch.ok()) return std::string(Message(batch.status()));
    if (*batch == nullptr) break;
    EXPECT_TRUE((*batch)->ValidateFull().ok());
    std::vector<RowFault> faults;
    const auto features = converter.Convert(**batch, &faults);
    if (!features.ok()) return std::string(Message(features.status()));
    const Json some = BatchToJson(**features);
    for (const auto& [name, cells] : some.items()) {
      Json& column = all[name];
      if (column.is_null()) column = Json::array();
      column.insert(column.end(), cells.begin(), cells.end());
    }
  }
  text += " / " + all.dump();
  for (int64_t block = 0; block < (*input)->num_blocks(); ++block) {
    std::stringstream lines(*(*input)->bad_rows()->Lines(block));
    for (std::string line; std::getline(lines, line);) {
      const Json row = Json::parse(line);
      text += fmt::format(" / {}: {}", row["line"].get<int>(), row["reason"].get<std::string>());
    }
  }
  return text;
}

struct Case {
  const char* name;
  std::vector<std::string> files;
  const char* expected;
  JsonlOptions options = {};
};

class JsonlCases : public ::testing::TestWithParam<Case> {};

TEST_P(JsonlCases, Read) {
  EXPECT_EQ(Read(GetParam().files, GetParam().options), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, JsonlCases,
    ::testing::Values(
        Case{"Kinds",
             {R"({"i": 1, "f": 1.0, "s": "x", "b": true, "n": null})"},
             R"(i: int64, f: double, s: string, b: bool, n: null / )"
             R"({"i":[[1]],"f":[[1.0]],"s":[["x"]],"b":[[1]],"n":[null]})"},
        Case{"MissingAndNew", {"{\"a\":1}\n{\"b\":2}\n{}\n"},
             R"(a: int64, b: int64 / {"a":[[1],null,null],"b":[null,[2],null]})"},
        Case{"OneFractionMakesFloats", {"{\"a\":1}\n", "{\"a\":2e0}"},
             R"(a: double / {"a":[[1.0],[2.0]]})"},
        Case{"LargestIntegers", {R"({"a":9223372036854775807,"b":-9223372036854775808})"},
             R"(a: int64, b: int64 / {"a":[[9223372036854775807]],"b":[[-9223372036854775808]]})"},
        Case{"PythonsFloats", {R"({"a":NaN,"b":[Infinity,-Infinity]})"},
             R"(a: double, b: list<item: double> / {"a":[["NaN"]],"b":[["Infinity","-Infinity"]]})"},
        Case{"Nested", {R"({"u":{"id":7,"tags":["a","b"]},"p":[{"x":1},{"x":2,"y":"z"}]})"
                        "\n{\"u\":null}"},
             R"(u: struct<id: int64, tags: list<item: string>>, )"
             R"(p: list<item: struct<x: int64, y: string>> / )"
             R"({"u.id":[[7],null],"u.tags":[["a","b"],null],"p.x":[[1,2],null],)"
             R"("p.y":[[null,"z"],null]})"},
        Case{"EmptyListThenValues", {"{\"a\":[]}\n{\"a\":[1]}"},
             R"(a: list<item: int64> / {"a":[[],[1]]})"},
        Case{"Escapes", {R"({"a":"\u00e9\ud83d\ude00\n\"\\\/"})"},
             "a: string / {\"a\":[[\"é😀\\n\\\"\\\\/\"]]}"},
        Case{"BlankLinesAndMark", {"\xef\xbb\xbf{\"a\":1}\r\n\n  \n{\"a\":2}\n"},
             R"(a: int64 / {"a":[[1],[2]]})"},
        Case{"TypesOverAllFiles", {"{\"a\":null}\n", "{\"a\":\"x\"}\n"},
             R"(a: string / {"a":[null,["x"]]})"},
        Case{"ForcedText", {R"({"z":{"zip":1230},"b":[true,"x"]})"},
             R"(z: struct<zip: string>, b: list<item: string> / )"
             R"({"z.zip":[["1230"]],"b":[["true","x"]]})",
             {.column_types = {{"z.zip", "STRING"}, {"b", "STRING"}}}},
        Case{"BigAsText", {R"({"a":123456789012345678901234567890})"},
             R"(a: string / {"a":[["123456789012345678901234567890"]]})",
             {.column_types = {{"a", "STRING"}}}},
        Case{"Quarantine",
             {"{\"a\":1}\n[1]\n{\"a\":tru}\n{\"a\":\"x\"\n{\"a\":1,\"a\":2}\n"
              "{\"a\":2} x\n{\"a\":3}"},
             R"(a: int64 / {"a":[[1],[3]]})"
             " / 2: not a JSON object; each line must hold one / 3: byte 6: expected a value"
             " / 4: byte 9: expected ',' / 5: byte 12: the key 'a' twice"
             " / 6: byte 9: something behind the object",
             {.on_bad_row = OnBadRow::kQuarantine}},
        Case{"TypesOfBadRowsDoNotCount", {"{\"a\":\"x\",\n{\"a\":1}\n"},
             R"(a: int64 / {"a":[[1]]} / 1: byte 10: expected '"')",
             {.on_bad_row = OnBadRow::kQuarantine}},
        Case{"BigIntegersAside",
             {"{\"a\":1}\n{\"a\":18446744073709551616,\"b\":1}\nbad\n"
              "{\"a\":2,\"f\":[1.5,99999999999999999999]}\n"},
             R"(a: int64, f: list<item: double> / {"a":[[1],[2]],"f":[null,[1.5,1e+20]]} / )"
             R"(2: byte 26: 'a' is an integer that does not fit 64 bits / 3: not a JSON object; )"
             "each line must hold one",
             {.on_bad_row = OnBadRow::kQuarantine}},
        Case{"RowsOfOtherTypesAside",
             {"{\"a\":1}\n{\"a\":\"x\"}\n{\"a\":2.5}\n"},
             R"(a: int64 / {"a":[[1]]} / 2: byte 9: 'a' is a string, which does not fit the type )"
             "column_types gives it / 3: byte 9: 'a' is a number, which does not fit the type "
             "column_types gives it",
             {.column_types = {{"a", "INT"}}, .on_bad_row = OnBadRow::kQuarantine}}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Errors, JsonlCases,
    ::testing::Values(
        Case{"BadRow", {"{\"a\":1}\n", "{\"a\":1}\n{\"a\":}\n"},
             "1.jsonl:2: byte 6: expected a value; correct the row, or "
             "set it aside (on_bad_row: quarantine, or --skip-bad-rows)"},
        Case{"NotUtf8", {"{\"a\":\"\xff\"}"},
             "0.jsonl:1: not UTF-8; correct the row, or "
             "set it aside (on_bad_row: quarantine, or --skip-bad-rows)"},
        Case{"Clash", {"{\"a\":1}\n", "{}\n{\"a\":\"x\"}\n"},
             "1.jsonl:2: 'a' is a string, but an integer in 0.jsonl:1; column_types: {a: STRING} "
             "reads both as text"},
        Case{"ClashOfShapes", {"{\"a\":{\"b\":[1]}}\n{\"a\":{\"b\":2}}\n"},
             "0.jsonl:2: 'a.b' is an integer, but a list in 0.jsonl:1; give all rows one kind"},
        Case{"ClashWithWanted", {"{\"a\":1}\n{\"a\":\"x\"}"},
             "0.jsonl:2: byte 9: 'a' is a string, which does not fit the type column_types gives "
             "it; correct the row, or set it aside (on_bad_row: quarantine, or --skip-bad-rows)",
             {.column_types = {{"a", "INT"}}}},
        Case{"BigInteger", {"{\"a\":1}\n{\"a\":18446744073709551616}"},
             "0.jsonl:2: 'a' is an integer that does not fit 64 bits; read it with column_types as "
             "STRING or FLOAT, or set the row aside (on_bad_row: quarantine, or "
             "--skip-bad-rows)"},
        Case{"UnknownColumn", {"{\"a\":1}"}, "column_types: no row has 'b'",
             {.column_types = {{"b", "INT"}}}},
        Case{"LeadingZero", {"{\"a\":01}"},
             "0.jsonl:1: byte 6: a number with a leading zero; correct the row, or "
             "set it aside (on_bad_row: quarantine, or --skip-bad-rows)"},
        Case{"Surrogate", {R"({"a":"\ud800x"})"},
             "0.jsonl:1: byte 13: half of a surrogate pair; correct the row, or "
             "set it aside (on_bad_row: quarantine, or --skip-bad-rows)"}),
    [](const auto& info) { return info.param.name; });

TEST(JsonlTest, DepthIsBounded) {
  EXPECT_THAT(Read({"{\"a\":" + std::string(100000, '[')}), HasSubstr("more than 64 deep"));
  EXPECT_THAT(Read({std::string(100000, '{')}), HasSubstr("byte 2: expected"));
}

std::string RandomJson(Random& random, int depth) {
  static constexpr const char* kScalars[] = {"1",   "-2.5", "\"x\"", "true", "null",
                                             "1e3", "\"\\u00e9\"", "{",  "]",    "\"open"};
  const uint64_t kind = random.Below(depth > 2 ? 8 : 12);
  if (kind < 8) return kScalars[random.Below(random.Below(8) == 0 ? 10 : 7)];
  std::string text = kind < 10 ? "{" : "[";
  for (uint64_t i = random.Below(4); i-- > 0;) {
    if (kind < 10) text += fmt::format("\"{}\":", static_cast<char>('a' + random.Below(3)));
    text += RandomJson(random, depth + 1) + (i > 0 ? "," : "");
  }
  return text + (kind < 10 ? "}" : "]");
}

// Wherever the text is cut, and however many threads read: the same rows, types and errors.
TEST(JsonlTest, BlocksAndThreadsDoNotMatter) {
  Random random(3);
  int num_read = 0;
  for (int round = 0; round < 150; ++round) {
    std::string text;
    for (uint64_t i = random.Below(30); i-- > 0;) {
      text += fmt::format("{{\"k{}\":{}}}\n", random.Below(round % 2 == 0 ? 200 : 3),
                          RandomJson(random, 0));
    }
    std::string wanted;
    for (const int64_t block_bytes : {1 << 20, 1, 40, 333}) {
      for (const int num_threads : {1, 4}) {
        const std::string got = Read({text}, {.on_bad_row = OnBadRow::kQuarantine,
                                              .num_threads = num_threads,
                                              .block_bytes = block_bytes});
        if (wanted.empty()) wanted = got;
        ASSERT_EQ(got, wanted) << text;
      }
    }
    num_read += wanted.find(" / {") != std::string::npos;
  }
  EXPECT_GT(num_read, 20);
}

TEST(JsonlTest, PlacesAreLines) {
  const TestFolder folder;
  const auto file = folder.Write("x.jsonl", "\n{\"a\":1}\nbad\n{\"a\":2}\n");
  const auto input = OpenJsonl({file}, {.on_bad_row = OnBadRow::kQuarantine});
  ASSERT_TRUE(input.ok());
  EXPECT_EQ((*input)->PlaceOf(0, 0).line, 2);
  EXPECT_EQ((*input)->PlaceOf(0, 1).line, 4);
  EXPECT_EQ(OpenJsonl({"/nonexistent/x"}, {}).status().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace bessemer::example_gen::jsonl
