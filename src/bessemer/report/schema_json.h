#ifndef BESSEMER_REPORT_SCHEMA_JSON_H_
#define BESSEMER_REPORT_SCHEMA_JSON_H_

#include <map>
#include <string>

#include "bessemer/base/config.h"

namespace tensorflow::metadata::v0 {
class Schema;
}

namespace bessemer::report {

// A list of SchemaRow of web/src/model.ts: features of structs follow their parent, path "a.b".
Json SchemaJson(const ::tensorflow::metadata::v0::Schema& schema);

// Per path the same in a sentence: "INT, required, one value, in [0, 24]".
std::map<std::string, std::string> SchemaSentences(
    const ::tensorflow::metadata::v0::Schema& schema);

}  // namespace bessemer::report

#endif  // BESSEMER_REPORT_SCHEMA_JSON_H_
