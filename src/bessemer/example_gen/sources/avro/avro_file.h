#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_AVRO_AVRO_FILE_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_AVRO_AVRO_FILE_H_

#include <memory>
#include <string>
#include <string_view>

#include "bessemer/base/status.h"
#include "bessemer/example_gen/columnar_files.h"

namespace bessemer::example_gen::avro {

struct AvroOptions {
  std::string scratch_dir = "/tmp";   // remote and compressed files are copied to it
  bool skip_damaged = false;          // go on behind the next sync marker
  int64_t block_bytes = 1 << 20;      // the container's blocks are joined to about this size
};

// An Avro object container file (specification 1.11): codecs null, deflate, snappy, zstandard and
// bzip2. The schema is the writer's. DATA_LOSS for a file that is damaged, naming the record and
// byte; with `skip_damaged` a damaged block is set aside as one bad row that says how many records
// it held.
StatusOr<std::unique_ptr<ColumnarFile>> OpenAvroFile(const std::string& path,
                                                     const AvroOptions& options);

// The content of a block of a container. INVALID_ARGUMENT for an unknown codec or damage.
StatusOr<std::string> DecompressAvroBlock(std::string_view codec, std::string bytes);

}  // namespace bessemer::example_gen::avro

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_AVRO_AVRO_FILE_H_
