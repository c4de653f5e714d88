#include "bessemer/transform/emission.h"
#include "bessemer/transform/library.h"

// Buckets and vocabularies.

namespace bessemer::transform::tables {
namespace {

Status EmitBuckets(Emission& e) {
  const auto list = e.constant(1)->floats();
  e.Return(e.b.Cast(e.b.Bucketize(e.value(0), {list.begin(), list.end()}),
                    ::tensorflow::DT_INT64));
  return OkStatus();
}

Status EmitVocabulary(Emission& e) {
  BESSEMER_ASSIGN_OR_RETURN(const std::string file, e.VocabularyFile(1));
  const tf::Tensor text = e.value(0);
  const int64_t oov = e.attrs()["num_oov_buckets"].get<int64_t>();
  const int64_t other = oov > 0 ? -1 : e.attrs()["default_value"].get<int64_t>();
  const tf::Tensor table = e.b.VocabularyTable(file);
  const tf::Tensor found = e.b.LookupFind(table, text, e.b.ConstInt64(other));
  if (oov == 0) {
    e.Return(found);
    return OkStatus();
  }
  const tf::Tensor bucket = e.b.Add(e.b.HashBucketFast(text, oov),
                                    e.b.ConstInt64(e.constant(1)->num_values()));
  e.Return(e.b.Select(e.b.Compare("Less", found, e.b.ConstInt64(0)), bucket, found));
  return OkStatus();
}

}  // namespace

void Register(Library& library) {
  library.emitters.Add({.name = "apply_buckets", .emit = EmitBuckets});
  library.emitters.Add({.name = "vocabulary_index", .emit = EmitVocabulary});
}

}  // namespace bessemer::transform::tables
