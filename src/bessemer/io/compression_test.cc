#include "bessemer/io/compression.h"

#include <arrow/util/compression.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bessemer/io/crc32c.h"
#include "bessemer/io/gzip.h"

namespace bessemer::io {
namespace {

using ::testing::HasSubstr;

std::string Text() {
  std::string text;
  for (int i = 0; i < 40000; ++i) text += fmt::format("line {}, {}\n", i, i * 7919 % 1000);
  return text;
}

// As Arrow's codec compresses a stream.
std::string Streamed(arrow::Compression::type type, const std::string& text) {
  const auto codec = arrow::util::Codec::Create(type).ValueOrDie();
  const auto compressor = codec->MakeCompressor().ValueOrDie();
  std::string out(2 * text.size() + 1000, '\0');
  auto* to = reinterpret_cast<uint8_t*>(out.data());
  const auto size = static_cast<int64_t>(out.size());
  const auto done = compressor
                        ->Compress(static_cast<int64_t>(text.size()),
                                   reinterpret_cast<const uint8_t*>(text.data()), size, to)
                        .ValueOrDie();
  EXPECT_EQ(done.bytes_read, static_cast<int64_t>(text.size()));
  const auto end = compressor->End(size - done.bytes_written, to + done.bytes_written).ValueOrDie();
  out.resize(static_cast<size_t>(done.bytes_written + end.bytes_written));
  return out;
}

std::string Compressed(arrow::Compression::type type, const std::string& text, bool zlib = false) {
  arrow::util::GZipCodecOptions options;
  options.gzip_format = arrow::util::GZipFormat::ZLIB;
  const auto codec = zlib ? arrow::util::Codec::Create(type, options).ValueOrDie()
                          : arrow::util::Codec::Create(type).ValueOrDie();
  std::string out(static_cast<size_t>(codec->MaxCompressedLen(
                      static_cast<int64_t>(text.size()), nullptr)), '\0');
  out.resize(static_cast<size_t>(*codec->Compress(
      static_cast<int64_t>(text.size()), reinterpret_cast<const uint8_t*>(text.data()),
      static_cast<int64_t>(out.size()), reinterpret_cast<uint8_t*>(out.data()))));
  return out;
}

std::string Chunk(char type, const std::string& body) {
  const auto size = static_cast<uint32_t>(body.size());
  std::string chunk = {type, static_cast<char>(size), static_cast<char>(size >> 8),
                       static_cast<char>(size >> 16)};
  return chunk + body;
}

std::string SnappyFrames(const std::string& text) {
  std::string out = Chunk('\xff', "sNaPpY");
  for (size_t begin = 0, i = 0; begin < text.size(); begin += 60000, ++i) {
    const std::string part = text.substr(begin, 60000);
    const uint32_t crc = MaskCrc(Crc32c(part));
    const std::string sum(reinterpret_cast<const char*>(&crc), 4);
    out += i % 2 == 0 ? Chunk(0, sum + Compressed(arrow::Compression::SNAPPY, part))
                      : Chunk(1, sum + part);
    out += Chunk('\xfe', "padding");
  }
  return out;
}

StatusOr<std::string> Inflate(const std::string& bytes) {
  const StreamFormat format = DetectStreamFormat(std::string_view(bytes).substr(0, 12));
  BESSEMER_ASSIGN_OR_RETURN(const auto in, DecompressInput(MemoryInput("a.file", bytes), format));
  std::string text;
  char buffer[5000];
  while (true) {
    BESSEMER_ASSIGN_OR_RETURN(const size_t got, in->Read(buffer, sizeof buffer));
    if (got == 0) return text;
    text.append(buffer, got);
  }
}

struct Case {
  const char* name;
  StreamFormat format;
  std::string bytes;
  bool joins;  // several streams in a row are one
};

std::vector<Case> Cases() {
  const std::string text = Text();
  using arrow::Compression;
  return {{"Plain", StreamFormat::kPlain, text, true},
          {"Gzip", StreamFormat::kGzip, Compressed(Compression::GZIP, text), true},
          {"Zlib", StreamFormat::kZlib, Compressed(Compression::GZIP, text, true), true},
          {"Zstd", StreamFormat::kZstd, Compressed(Compression::ZSTD, text), true},
          {"Lz4", StreamFormat::kLz4, Streamed(Compression::LZ4_FRAME, text), true},
          {"Bzip2", StreamFormat::kBzip2, Streamed(Compression::BZ2, text), true},
          {"Snappy", StreamFormat::kSnappy, SnappyFrames(text), true}};
}

TEST(CompressionTest, InflatesWhatItRecognises) {
  for (const Case& one : Cases()) {
    SCOPED_TRACE(one.name);
    EXPECT_EQ(DetectStreamFormat(std::string_view(one.bytes).substr(0, 12)), one.format);
    const auto text = Inflate(one.bytes);
    ASSERT_TRUE(text.ok()) << text.status();
    EXPECT_EQ(*text, Text());
    EXPECT_EQ(*Inflate(one.bytes + one.bytes), Text() + Text());
  }
}

TEST(CompressionTest, DamageIsAnErrorThatNamesTheFile) {
  for (const Case& one : Cases()) {
    if (one.format == StreamFormat::kPlain) continue;
    SCOPED_TRACE(one.name);
    for (const size_t size : {one.bytes.size() - 1, one.bytes.size() / 2, size_t{15}}) {
      const auto cut = Inflate(one.bytes.substr(0, size));
      ASSERT_EQ(cut.status().code(), StatusCode::kDataLoss) << size << " " << cut.status();
      EXPECT_THAT(std::string(Message(cut.status())), HasSubstr("a.file: "));
    }
    int num_errors = 0;
    for (size_t at = 12; at < one.bytes.size(); at += one.bytes.size() / 40) {
      std::string bad = one.bytes;
      bad[at] = static_cast<char>(bad[at] ^ 0x10);
      const auto text = Inflate(bad);
      num_errors += !text.ok();
      if (text.ok()) continue;
      ASSERT_EQ(text.status().code(), StatusCode::kDataLoss) << text.status();
    }
    EXPECT_GT(num_errors, 0);
  }
}

TEST(CompressionTest, NamesLoseTheirCompression) {
  EXPECT_EQ(WithoutCompressionSuffix("a.csv.gz"), "a.csv");
  EXPECT_EQ(WithoutCompressionSuffix("b/a.jsonl.zst"), "b/a.jsonl");
  EXPECT_EQ(WithoutCompressionSuffix("a.parquet"), "a.parquet");
  EXPECT_EQ(WithoutCompressionSuffix(".gz"), ".gz");
}

}  // namespace
}  // namespace bessemer::io
