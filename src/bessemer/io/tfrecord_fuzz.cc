// Any bytes, read as a TFRecord file as they are and with their checksums put right: an error or
// records, and the same whether they come at once or a few at a time. Inflating has a target of its
// own, compression_fuzz.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "bessemer/io/crc32c.h"
#include "bessemer/io/test_streams.h"
#include "bessemer/io/tfrecord.h"

namespace bessemer::io {
namespace {

struct Content {
  std::vector<std::string> records;
  bool whole = false;  // false: damaged behind them
};

Content ReadRecords(std::unique_ptr<InputStream> in) {
  TFRecordReader reader(std::move(in));
  Content content;
  std::string_view record;
  while (true) {
    const StatusOr<bool> more = reader.Next(&record);
    content.whole = more.ok();
    if (!more.ok() || !*more) break;
    content.records.emplace_back(record);
  }
  if (reader.num_records() != static_cast<int64_t>(content.records.size())) std::abort();
  return content;
}

// Chance does not find checksums: the records whose lengths the input may hold get theirs.
std::string WithChecksums(std::string bytes, std::vector<std::string>* records) {
  const auto put = [&](size_t at, std::string_view data) {
    const uint32_t crc = MaskCrc(Crc32c(data));
    std::memcpy(bytes.data() + at, &crc, sizeof(crc));
  };
  size_t at = 0;
  while (bytes.size() - at >= 16) {
    uint64_t length;
    std::memcpy(&length, bytes.data() + at, sizeof(length));
    put(at + 8, {bytes.data() + at, 8});
    if (length > bytes.size() - at - 16) break;
    records->emplace_back(bytes, at + 12, length);
    put(at + 12 + length, records->back());
    at += 16 + length;
  }
  if (at == bytes.size()) records->emplace_back("end");
  return bytes;
}

}  // namespace
}  // namespace bessemer::io

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace bessemer::io;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  (void)ReadRecords(MemoryInput("fuzz", bytes));
  std::vector<std::string> expected;
  const std::string right = WithChecksums(bytes, &expected);
  for (const bool at_once : {true, false}) {
    Content content = ReadRecords(at_once ? MemoryInput("fuzz", right)
                                          : std::make_unique<TrickleInput>(right, 17));
    if (content.whole) content.records.emplace_back("end");
    if (content.records != expected) std::abort();
  }
  return 0;
}
