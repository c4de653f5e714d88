#ifndef BESSEMER_TRAINING_SCHEMA_FILE_H_
#define BESSEMER_TRAINING_SCHEMA_FILE_H_

#include <string>

#include "bessemer/base/status.h"

namespace tensorflow::metadata::v0 {
class Schema;
}

namespace bessemer::training {

// Reads a schema in text format. INVALID_ARGUMENT "path:line:column: …" for text that is none.
Status ReadSchemaFile(const std::string& path, ::tensorflow::metadata::v0::Schema* schema);

}  // namespace bessemer::training

#endif  // BESSEMER_TRAINING_SCHEMA_FILE_H_
