#ifndef BESSEMER_EXAMPLE_GEN_SCRATCH_FILE_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SCRATCH_FILE_INTERNAL_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "bessemer/base/status.h"

// Temporary files, and reading and writing descriptors whole. `name` stands in messages.

namespace bessemer::example_gen {

// Raises the process's soft limit of open files, which is often 1,024, towards the hard one: inputs
// of text keep a descriptor a file.
void AllowManyFiles();

// The descriptor of a new file in a folder, already without a name: it goes when it is closed.
StatusOr<int> OpenScratchFile(const std::string& folder);

Status WriteAll(int fd, std::string_view bytes, const std::string& name);

// Fills `out`, whose size says how much, from an offset. UNAVAILABLE if the file ends before.
Status ReadAt(int fd, int64_t offset, std::string* out, const std::string& name);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_SCRATCH_FILE_INTERNAL_H_
