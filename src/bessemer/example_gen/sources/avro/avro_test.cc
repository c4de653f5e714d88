#include <arrow/api.h>
#include <arrow/util/compression.h>
#include <arrow/util/crc32.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bessemer/base/random.h"
#include "bessemer/example_gen/arrow_features.h"
#include "bessemer/example_gen/bad_rows.h"
#include "bessemer/example_gen/row_files.h"
#include "bessemer/example_gen/sources/avro/avro_schema_internal.h"
#include "bessemer/example_gen/test_files.h"

namespace bessemer::example_gen::avro {
namespace {

using ::testing::HasSubstr;

std::string Long(int64_t value) {
  uint64_t bits = static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
  std::string text;
  for (; bits >= 0x80; bits >>= 7) text += static_cast<char>(bits | 0x80);
  return text + static_cast<char>(bits);
}

std::string Text(const std::string& text) {
  return Long(static_cast<int64_t>(text.size())) + text;
}

template <typename T>
std::string Raw(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

const std::string kMarker = "0123456789abcdef";

std::string Compressed(const std::string& codec, const std::string& text) {
  if (codec == "null") return text;
  arrow::util::GZipCodecOptions raw;
  raw.gzip_format = arrow::util::GZipFormat::DEFLATE;
  const auto made =
      codec == "deflate"  ? *arrow::util::Codec::Create(arrow::Compression::GZIP, raw)
      : codec == "snappy" ? *arrow::util::Codec::Create(arrow::Compression::SNAPPY)
                          : *arrow::util::Codec::Create(arrow::Compression::ZSTD);
  std::string out(static_cast<size_t>(made->MaxCompressedLen(
                      static_cast<int64_t>(text.size()), nullptr)), '\0');
  out.resize(static_cast<size_t>(*made->Compress(
      static_cast<int64_t>(text.size()), reinterpret_cast<const uint8_t*>(text.data()),
      static_cast<int64_t>(out.size()), reinterpret_cast<uint8_t*>(out.data()))));
  if (codec == "snappy") {
    const uint32_t crc = arrow::internal::crc32(0, text.data(), text.size());
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(crc >> shift);
  }
  return out;
}

std::string Header(const std::string& schema, const std::string& codec = "null") {
  return std::string("Obj\x01", 4) + Long(2) + Text("avro.schema") + Text(schema) +
         Text("avro.codec") + Text(codec) + Long(0) + kMarker;
}

std::string BlockOf(int64_t count, const std::string& content) {
  return Long(count) + Long(static_cast<int64_t>(content.size())) + content + kMarker;
}

// A record of one field "f".
std::string Field(const std::string& type) {
  return R"({"type":"record","name":"r","fields":[{"name":"f","type":)" + type + "}]}";
}

// The features of all rows and what was set aside, or the error.
std::string Read(const std::vector<std::string>& contents, OnBadRow on_bad_row = OnBadRow::kFail) {
  const TestFolder folder;
  std::vector<std::string> files;
  for (size_t i = 0; i < contents.size(); ++i) {
    files.push_back(folder.Write(fmt::format("{}.avro", i), contents[i]));
  }
  const auto strip = [&](const Status& status) {
    std::string message(Message(status));
    for (size_t at; (at = message.find(folder.path())) != std::string::npos;) {
      message.erase(at, folder.path().size() + 1);
    }
    return message;
  };
  const auto rows = OpenRowFiles({*FindFileSource("avro"), files}, {.on_bad_row = on_bad_row});
  if (!rows.ok()) return strip(rows.status());
  const FeatureConverter converter((*rows)->schema());
  const auto source = ReadRows(**rows, (*rows)->schema());
  Json all = Json::object();
  while (true) {
    const auto batch = source->Next();
    if (!batch.ok()) return strip(batch.status());
    if (*batch == nullptr) break;
    EXPECT_TRUE((*batch)->ValidateFull().ok());
    std::vector<RowFault> faults;
    const auto features = converter.Convert(**batch, &faults);
    if (!features.ok()) return strip(features.status());
    const Json some = BatchToJson(**features);
    for (const auto& [name, cells] : some.items()) {
      Json& column = all[name];
      if (column.is_null()) column = Json::array();
      column.insert(column.end(), cells.begin(), cells.end());
    }
  }
  std::string text = all.dump();
  for (int64_t block = 0; block < (*rows)->num_blocks(); ++block) {
    const std::string lines = *(*rows)->bad_rows()->Lines(block);
    if (!lines.empty()) text += " bad: " + Json::parse(lines)["reason"].get<std::string>();
  }
  return text;
}

struct TypeCase {
  const char* name;
  const char* type;
  std::vector<std::string> values;
  const char* expected;
};

class AvroTypes : public ::testing::TestWithParam<TypeCase> {};

TEST_P(AvroTypes, Read) {
  std::string content;
  for (const std::string& value : GetParam().values) content += value;
  const auto count = static_cast<int64_t>(GetParam().values.size());
  EXPECT_EQ(Read({Header(Field(GetParam().type)) + BlockOf(count, content)}), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Types, AvroTypes,
    ::testing::Values(
        TypeCase{"Boolean", R"("boolean")", {"\x01", std::string(1, '\0')}, R"({"f":[[1],[0]]})"},
        TypeCase{"Int", R"("int")", {Long(-5)}, R"({"f":[[-5]]})"},
        TypeCase{"Long", R"("long")", {Long(INT64_MIN), Long(INT64_MAX)},
                 R"({"f":[[-9223372036854775808],[9223372036854775807]]})"},
        TypeCase{"Float", R"("float")", {Raw(1.5f)}, R"({"f":[[1.5]]})"},
        TypeCase{"Double", R"("double")", {Raw(-0.25)}, R"({"f":[[-0.25]]})"},
        TypeCase{"Bytes", R"("bytes")", {Text("a")}, R"({"f":[["a"]]})"},
        TypeCase{"String", R"({"type":"string"})", {Text("é")}, R"({"f":[["é"]]})"},
        TypeCase{"Enum", R"({"type":"enum","name":"e","symbols":["A","B"]})", {Long(1), Long(0)},
                 R"({"f":[["B"],["A"]]})"},
        TypeCase{"Fixed", R"({"type":"fixed","name":"x","size":2})", {"ab"}, R"({"f":[["ab"]]})"},
        TypeCase{"Null", R"("null")", {"", ""}, R"({"f":[null,null]})"},
        TypeCase{"Array", R"({"type":"array","items":"int"})",
                 {Long(2) + Long(1) + Long(2) + Long(0), Long(0),
                  Long(-1) + Long(1) + Long(3) + Long(1) + Long(4) + Long(0)},
                 R"({"f":[[1,2],[],[3,4]]})"},
        TypeCase{"Map", R"({"type":"map","values":"int"})",
                 {Long(1) + Text("k") + Long(7) + Long(0)},
                 R"({"f.key":[["k"]],"f.value":[[7]]})"},
        TypeCase{"Optional", R"(["null","int"])", {Long(0), Long(1) + Long(3)},
                 R"({"f":[null,[3]]})"},
        TypeCase{"UnionOfNumbers", R"(["int","double","null"])",
                 {Long(0) + Long(3), Long(1) + Raw(0.5), Long(2)}, R"({"f":[[3.0],[0.5],null]})"},
        TypeCase{"UnionOfIntegers", R"(["int","long"])", {Long(0) + Long(3), Long(1) + Long(4)},
                 R"({"f":[[3],[4]]})"},
        TypeCase{"UnionOfText", R"(["string","bytes"])", {Long(0) + Text("a"), Long(1) + Text("b")},
                 R"({"f":[["a"],["b"]]})"},
        TypeCase{"UnionOfOthers", R"(["null","int","string"])",
                 {Long(1) + Long(3), Long(2) + Text("a"), Long(0)},
                 R"({"f.int":[[3],null,null],"f.string":[null,["a"],null]})"},
        TypeCase{"Record",
                 R"({"type":"record","name":"s","fields":[{"name":"a","type":"int"},)"
                 R"({"name":"b","type":["null","string"]}]})",
                 {Long(1) + Long(1) + Text("x")}, R"({"f.a":[[1]],"f.b":[["x"]]})"},
        TypeCase{"ArrayOfRecords",
                 R"({"type":"array","items":{"type":"record","name":"s","fields":)"
                 R"([{"name":"a","type":"int"}]}})",
                 {Long(2) + Long(1) + Long(2) + Long(0)}, R"({"f.a":[[1,2]]})"},
        TypeCase{"Date", R"({"type":"int","logicalType":"date"})", {Long(19000)},
                 R"({"f":[[19000]]})"},
        TypeCase{"Timestamp", R"({"type":"long","logicalType":"timestamp-millis"})", {Long(1500)},
                 R"({"f":[[1500000]]})"},
        TypeCase{"Decimal",
                 R"({"type":"bytes","logicalType":"decimal","precision":10,"scale":2})",
                 {Text("\x04\xe2"), Text("\xff"), Text(std::string(20, '\xff'))},
                 R"({"f":[[12.5],[-0.01],[-0.01]]})"},
        TypeCase{"TimeOfDay", R"({"type":"int","logicalType":"time-millis"})",
                 {Long(0), Long(86399999)}, R"({"f":[[0],[86399999000]]})"},
        TypeCase{"NamedTwice",
                 R"({"type":"record","name":"s","namespace":"n","fields":[{"name":"a","type":)"
                 R"({"type":"enum","name":"e","symbols":["A"]}},{"name":"b","type":"n.e"}]})",
                 {Long(0) + Long(0)}, R"({"f.a":[["A"]],"f.b":[["A"]]})"}),
    [](const auto& info) { return info.param.name; });

TEST(AvroTest, ReadsAllCodecs) {
  for (const char* codec : {"null", "deflate", "snappy", "zstandard"}) {
    std::string file = Header(Field(R"("long")"), codec);
    for (int64_t i = 0; i < 3; ++i) {
      file += BlockOf(2, Compressed(codec, Long(2 * i) + Long(2 * i + 1)));
    }
    EXPECT_EQ(Read({file}), R"({"f":[[0],[1],[2],[3],[4],[5]]})") << codec;
  }
}

TEST(AvroTest, UnitesFiles) {
  EXPECT_EQ(Read({Header(Field(R"("int")")) + BlockOf(1, Long(1)),
                  Header(Field(R"(["null","long"])")) + BlockOf(2, Long(1) + Long(2) + Long(0))}),
            R"({"f":[[1],[2],null]})");
  EXPECT_THAT(Read({Header(Field(R"("int")")), Header(Field(R"("string")"))}),
              HasSubstr("1.avro does not fit to 0.avro: column 'f': "));
}

TEST(AvroTest, ErrorsSayWhatAndWhere) {
  const std::string header = Header(Field(R"("int")"));
  const std::string good = BlockOf(2, Long(1) + Long(2));
  EXPECT_THAT(Read({"Obj\x02"}), HasSubstr("0.avro: not an Avro container file"));
  EXPECT_THAT(Read({header.substr(0, 60)}), HasSubstr("the header is cut off or damaged"));
  EXPECT_THAT(Read({header + good + "\x05"}),
              HasSubstr(fmt::format("0.avro: record 2 at byte {}", header.size() + good.size())));
  EXPECT_THAT(Read({header + good.substr(0, good.size() - 1)}), HasSubstr("truncated"));
  EXPECT_THAT(Read({header + BlockOf(3, Long(1) + Long(2))}),
              HasSubstr("record 2 of the block, byte 2 of its content: field 'f': an int that is "
                        "cut off"));
  EXPECT_THAT(Read({header + BlockOf(1, Long(1) + Long(2))}), HasSubstr("bytes behind the last"));
  EXPECT_THAT(Read({header + BlockOf(int64_t{1} << 60, "") + BlockOf(INT64_MAX, "")}),
              HasSubstr("a block of 9223372036854775807 records in 0 bytes (damaged?)"));
  EXPECT_THAT(Read({Header(Field(R"("int")"), "lzma")}), HasSubstr("codec 'lzma' is not known"));
  EXPECT_THAT(Read({Header(R"("int")")}), HasSubstr("not a record"));
  EXPECT_THAT(Read({Header(Field(R"("none")"))}),
              HasSubstr("field 'f' of 'r': the type 'none' is not defined"));
  EXPECT_THAT(Read({Header(Field(R"(["null","r"])"))}), HasSubstr("contains itself"));
  EXPECT_THAT(Read({Header(Field(R"({"type":"array","items":"null"})")) +
                    BlockOf(1, Long(int64_t{1} << 60))}),
              HasSubstr("field 'f': more values without any bytes than a block may have"));
  EXPECT_THAT(Read({Header(R"({"type":"record","name":"r","fields":[]})") +
                    BlockOf(int64_t{1} << 60, "")}),
              HasSubstr("more values without any bytes"));
}

// Values that Avro's encoding can hold and the logical type cannot.
TEST(AvroTest, RefusesValuesOutsideTheirLogicalType) {
  struct Case {
    const char* type;
    std::string value;
    const char* expected;
  };
  const auto decimal = [](int precision) {
    return fmt::format(R"({{"type":"bytes","logicalType":"decimal","precision":{}}})", precision);
  };
  const std::string two = decimal(2), widest = decimal(38), wide = decimal(76);
  const Case cases[] = {
      {two.c_str(), Text("\x04\xe2"), "a decimal of more digits than the 2 of its type"},
      {two.c_str(), Text(""), "a decimal without bytes"},
      {widest.c_str(), Text(std::string(16, '\x7f')), "more digits than the 38"},
      {widest.c_str(), Text("\x01" + std::string(16, '\0')), "more digits than the 38"},
      {widest.c_str(), Text(std::string(1, '\0') + "\x80" + std::string(15, '\0')),
       "more digits than the 38"},
      {wide.c_str(), Text("\x01" + std::string(32, '\0')), "more digits than the 76"},
      {R"({"type":"int","logicalType":"time-millis"})", Long(86400000),
       "a time of day that is 86400000, not in [0, 86399999]"},
      {R"({"type":"long","logicalType":"time-micros"})", Long(-1),
       "a time of day that is -1, not in [0, 86399999999]"},
  };
  for (const Case& c : cases) {
    const std::string header = Header(Field(c.type));
    const std::string got = Read({header + BlockOf(1, c.value)});
    EXPECT_THAT(got, ::testing::StartsWith(fmt::format("0.avro: record 0 at byte {}: record 0 of "
                                                       "the block, byte 0 of its content: field "
                                                       "'f': ",
                                                       header.size() + 2)));
    EXPECT_THAT(got, HasSubstr(c.expected)) << c.type;
  }
}

TEST(AvroTest, SetsDamagedBlocksAside) {
  const std::string header = Header(Field(R"("int")"));
  const std::string good = BlockOf(2, Long(1) + Long(2));
  std::string noise = good;
  noise[0] = '\x7f';  // a count that is not so
  EXPECT_EQ(Read({header + good + BlockOf(3, Long(7)) + good}, OnBadRow::kQuarantine),
            R"({"f":[[1],[2],[1],[2]]} bad: 3 records lost: record 1 of the block, byte 1 of its )"
            R"(content: field 'f': an int that is cut off or damaged)");
  EXPECT_EQ(Read({header + good + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" + kMarker + good},
                 OnBadRow::kQuarantine),
            R"({"f":[[1],[2],[1],[2]]} bad: 11 bytes without a readable block header)");
  EXPECT_THAT(Read({header + BlockOf(INT64_MAX, Long(1)) + good}, OnBadRow::kQuarantine),
              ::testing::StartsWith(R"({"f":[[1],[2]]} bad: )"));
}

TEST(AvroTest, SurvivesDamage) {
  const std::string whole =
      Header(Field(R"({"type":"array","items":["null","string","double"]})"), "snappy") +
      BlockOf(2, Compressed("snappy", Long(2) + Long(1) + Text("abc") + Long(2) + Raw(1.0) +
                                          Long(0) + Long(0)));
  Random random(6);
  for (int round = 0; round < 400; ++round) {
    std::string damaged = whole;
    if (round % 3 == 0) {
      damaged.resize(random.Below(whole.size()));
    } else {
      damaged[random.Below(damaged.size())] ^= static_cast<char>(1 << random.Below(8));
    }
    for (const OnBadRow on_bad_row : {OnBadRow::kFail, OnBadRow::kQuarantine}) {
      const std::string got = Read({damaged}, on_bad_row);
      if (got.starts_with("{")) continue;
      ASSERT_THAT(got, ::testing::StartsWith("0.avro: "));
    }
  }
}

// A byte for a missing record gives all its columns a null.
TEST(AvroTest, NullsThatExplodeAreRefused) {
  std::string wide = R"(["null",{"type":"record","name":"x","fields":[{"name":"a","type":"int"})";
  for (int i = 0; i < 20000; ++i) wide += fmt::format(R"(,{{"name":"a{}","type":"int"}})", i);
  wide += "]}";
  const std::string optional = Header(Field(wide + "]"));
  const std::string branches = Header(Field(wide + R"(,"int"])"));
  EXPECT_THAT(Read({optional + BlockOf(300, std::string(300, '\0'))}),
              HasSubstr("more nulls in nested columns than a block may have"));
  EXPECT_THAT(Read({branches + BlockOf(300, std::string(300, '\0'))}),
              HasSubstr("more nulls in nested columns than a block may have"));
}

TEST(AvroTest, SchemasThatExplodeAreRefused) {
  std::string schema = R"({"type":"record","name":"r0","fields":[{"name":"f","type":"int"}]})";
  for (int i = 1; i < 20; ++i) {
    const std::string other = fmt::format(R"("r{}")", i - 1);
    schema = fmt::format(R"({{"type":"record","name":"r{}","fields":[{{"name":"a","type":{}}},)"
                         R"({{"name":"b","type":{}}},{{"name":"c","type":{}}}]}})",
                         i, schema, other, other);
  }
  EXPECT_THAT(std::string(Message(ParseAvroSchema(schema).status())), HasSubstr("more than"));
  // Short texts that name something long often.
  const auto often = [](const std::string& type, int count) {
    std::string fields = fmt::format(R"({{"name":"f","type":{}}})", type);
    for (int i = 0; i < count; ++i) fields += fmt::format(R"(,{{"name":"f{}","type":"x"}})", i);
    return fmt::format(R"({{"type":"record","name":"r","fields":[{}]}})", fields);
  };
  std::string wide = R"({"type":"record","name":"x","fields":[{"name":"a","type":"int"})";
  for (int i = 0; i < 2000; ++i) wide += fmt::format(R"(,{{"name":"a{}","type":"int"}})", i);
  const std::string long_name = fmt::format(
      R"({{"type":"record","name":"x","fields":[{{"name":"{}","type":"int"}}]}})",
      std::string(100000, 'n'));
  EXPECT_THAT(std::string(Message(ParseAvroSchema(often(wide + "]}", 2000)).status())),
              HasSubstr("stands for more than 100000 columns"));
  EXPECT_THAT(std::string(Message(ParseAvroSchema(often(long_name, 100)).status())),
              HasSubstr("stands for more than 100000 columns"));
  const std::string deep = std::string(100000, '[');
  EXPECT_FALSE(ParseAvroSchema(deep).ok());
}

}  // namespace
}  // namespace bessemer::example_gen::avro
