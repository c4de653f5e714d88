// Any bytes, inflated as any of the formats: content or an error, and the same whether they come at
// once or a few at a time. The first byte chooses the format, the second how few.
#include <cstdint>
#include <cstdlib>

#include "bessemer/io/compression.h"
#include "bessemer/io/test_streams.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace bessemer;
  constexpr size_t kMostContent = 4 << 20;  // a few bytes may stand for gigabytes
  constexpr io::StreamFormat kFormats[] = {io::StreamFormat::kGzip,   io::StreamFormat::kZlib,
                                           io::StreamFormat::kZstd,   io::StreamFormat::kLz4,
                                           io::StreamFormat::kSnappy, io::StreamFormat::kBzip2};
  if (size < 2) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  (void)io::DetectStreamFormat(bytes);
  const io::StreamFormat format = kFormats[data[0] % std::size(kFormats)];
  auto whole = io::DecompressInput(io::MemoryInput("fuzz", bytes), format);
  auto parts = io::DecompressInput(
      std::make_unique<io::TrickleInput>(bytes, data[1] % 64u + 1), format);
  if (!whole.ok() || !parts.ok()) std::abort();
  const auto expected = io::ReadAll(**whole, 1 << 16, kMostContent);
  const auto got = io::ReadAll(**parts, data[1] % 7u * 100 + 1, kMostContent);
  if (expected.ok() && expected->size() >= kMostContent) return 0;
  if (got.ok() != expected.ok()) std::abort();
  if (got.ok() && *got != *expected) std::abort();
  if (!got.ok() && got.status().code() != StatusCode::kDataLoss) std::abort();
  return 0;
}
