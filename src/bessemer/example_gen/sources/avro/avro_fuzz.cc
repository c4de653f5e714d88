// clang++ -fsanitize=fuzzer,address: any bytes are a container file that can be read or an error,
// whether damaged blocks are skipped or not. The first byte chooses.
#include <arrow/record_batch.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "bessemer/example_gen/bad_rows.h"
#include "bessemer/example_gen/sources/avro/avro_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace bessemer::example_gen;
  if (size == 0) return 0;
  static const int fd = memfd_create("fuzz.avro", 0);  // a file without a disk
  static const std::string path = "/proc/self/fd/" + std::to_string(fd);
  if (ftruncate(fd, 0) != 0) return 0;
  if (pwrite(fd, data + 1, size - 1, 0) != static_cast<ssize_t>(size - 1)) return 0;
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
