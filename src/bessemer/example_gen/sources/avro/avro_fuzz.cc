// clang++ -fsanitize=fuzzer,address: any bytes are a container file that can be read or an error,
// whether damaged blocks are skipped or not. The first byte chooses.
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include <arrow/record_batch.h>

#include "bessemer/example_gen/bad_rows.h"
#include "bessemer/example_gen/sources/avro/avro_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace bessemer::example_gen;
  if (size == 0) return 0;
  static const std::string path = "/tmp/avro_fuzz_" + std::to_string(getpid()) + ".avro";
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(data + 1), static_cast<std::streamsize>(size - 1));
  const auto file = avro::OpenAvroFile(path, {.skip_damaged = data[0] % 2 == 0});
  if (!file.ok()) return 0;
  BadRows bad("/tmp");
  for (size_t block = 0; block < (*file)->blocks().size(); ++block) {
    const auto index = static_cast<int64_t>(block);
    const auto source = (*file)->OpenBlock(index, {&bad, index});
    while (source.ok()) {
      const auto batch = (*source)->Next();
      if (!batch.ok() || *batch == nullptr) break;
      if (!(*batch)->ValidateFull().ok()) std::abort();
    }
  }
  return 0;
}
