#include <cstddef>
#include <cstdint>
#include <string>

#include "bessemer/io/gzip.h"
#include "bessemer/io/tfrecord.h"

// Any bytes, read as a TFRecord file plain and gzipped: an error or records, nothing else.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace bessemer;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  for (const bool gzip : {false, true}) {
    auto in = io::MemoryInput("fuzz", bytes);
    if (gzip) in = io::GunzipInput(std::move(in));
    io::TFRecordReader reader(std::move(in));
    std::string_view record;
    while (true) {
      const StatusOr<bool> more = reader.Next(&record);
      if (!more.ok() || !*more) break;
    }
  }
  return 0;
}
