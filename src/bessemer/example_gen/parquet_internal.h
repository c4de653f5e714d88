#ifndef BESSEMER_EXAMPLE_GEN_PARQUET_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_PARQUET_INTERNAL_H_

#include <memory>
#include <string>

#include "bessemer/base/status.h"
#include "bessemer/columnar/feature_column.h"

namespace bessemer::example_gen {

// The row groups of a Parquet file as batches, with their columns as they are.
StatusOr<std::unique_ptr<columnar::BatchSource>> OpenParquet(const std::string& file);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_PARQUET_INTERNAL_H_
