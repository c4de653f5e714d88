#include "bessemer/statistics/merge_shards.h"

#include <google/protobuf/util/message_differencer.h>

#include <map>
#include <string>

#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::util::MessageDifferencer;
using ::tensorflow::metadata::v0::CrossFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using ::tensorflow::metadata::v0::FeatureNameStatistics;

std::string PathText(const ::tensorflow::metadata::v0::Path& path) {
  return fmt::format("{}", fmt::join(path.step(), "."));
}

// A field that both parts have must be the same in both.
Status CheckField(const Message& a, const Message& b, const std::string& field,
                  const std::string& where) {
  const FieldDescriptor* descriptor = a.GetDescriptor()->FindFieldByName(field);
  const auto* reflection = a.GetReflection();
  if (!reflection->HasField(a, descriptor) || !reflection->HasField(b, descriptor)) {
    return OkStatus();
  }
  MessageDifferencer differencer;
  std::vector<const FieldDescriptor*> only = {descriptor};
  if (differencer.CompareWithFields(a, b, only, only)) return OkStatus();
  return InvalidArgumentError("the parts of {} differ in {}", where, field);
}

// Both parts must hold the same kind of a oneof, if any.
Status CheckOneof(const Message& a, const Message& b, const std::string& name,
                  const std::string& where) {
  const auto* oneof = a.GetDescriptor()->FindOneofByName(name);
  const auto* x = a.GetReflection()->GetOneofFieldDescriptor(a, oneof);
  const auto* y = b.GetReflection()->GetOneofFieldDescriptor(b, oneof);
  if (x == nullptr || y == nullptr || x == y) return OkStatus();
  return InvalidArgumentError("one part of {} has {}, another has {}", where, x->name(),
                              y->name());
}

// A data set and where its entries are, so that parts of one find each other.
struct DatasetParts {
  DatasetFeatureStatistics* dataset = nullptr;
  std::map<std::string, FeatureNameStatistics*> features;
  std::map<std::string, CrossFeatureStatistics*> crosses;

  Status Add(const FeatureNameStatistics& part, const std::string& where) {
    const std::string key =
        part.has_path() ? "path " + part.path().SerializeAsString() : "name " + part.name();
    FeatureNameStatistics*& known = features[key];
    if (known == nullptr) {
      known = dataset->add_features();
      *known = part;
      return OkStatus();
    }
    const std::string name = part.has_path() ? PathText(part.path()) : part.name();
    const std::string place = fmt::format("feature '{}' of {}", name, where);
    BESSEMER_RETURN_IF_ERROR(CheckOneof(*known, part, "stats", place));
    BESSEMER_RETURN_IF_ERROR(CheckField(*known, part, "validation_derived_source", place));
    if (known->type() != part.type()) {
      return InvalidArgumentError("the parts of {} differ in type", place);
    }
    auto copy = part;
    copy.clear_path();
    known->MergeFrom(copy);
    return OkStatus();
  }

  Status Add(const CrossFeatureStatistics& part, const std::string& where) {
    const std::string key =
        part.path_x().SerializeAsString() + "\n" + part.path_y().SerializeAsString();
    CrossFeatureStatistics*& known = crosses[key];
    if (known == nullptr) {
      known = dataset->add_cross_features();
      *known = part;
      return OkStatus();
    }
    const std::string place = fmt::format("the cross of '{}' and '{}' of {}",
                                          PathText(part.path_x()), PathText(part.path_y()), where);
    BESSEMER_RETURN_IF_ERROR(CheckOneof(*known, part, "cross_stats", place));
    BESSEMER_RETURN_IF_ERROR(CheckField(*known, part, "count", place));
    auto copy = part;
    copy.clear_path_x();
    copy.clear_path_y();
    known->MergeFrom(copy);
    return OkStatus();
  }
};

}  // namespace

StatusOr<DatasetFeatureStatisticsList> MergeShards(
    const std::vector<DatasetFeatureStatistics>& shards, bool empty_dataset_if_none) {
  DatasetFeatureStatisticsList list;
  if (shards.empty() && empty_dataset_if_none) list.add_datasets();
  std::map<std::string, DatasetParts> parts;
  for (const DatasetFeatureStatistics& shard : shards) {
    DatasetParts& known = parts[shard.name()];
    const std::string where = fmt::format("data set '{}'", shard.name());
    if (known.dataset == nullptr) {
      known.dataset = list.add_datasets();
      known.dataset->set_name(shard.name());
    }
    for (const char* field : {"num_examples", "weighted_num_examples"}) {
      BESSEMER_RETURN_IF_ERROR(CheckField(*known.dataset, shard, field, where));
    }
    auto totals = shard;
    totals.clear_features();
    totals.clear_cross_features();
    known.dataset->MergeFrom(totals);
    for (const auto& feature : shard.features()) {
      BESSEMER_RETURN_IF_ERROR(known.Add(feature, where));
    }
    for (const auto& cross : shard.cross_features()) {
      BESSEMER_RETURN_IF_ERROR(known.Add(cross, where));
    }
  }
  return list;
}

}  // namespace bessemer::statistics
