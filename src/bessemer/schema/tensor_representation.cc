#include "bessemer/schema/tensor_representation.h"

#include <algorithm>

#include "bessemer/schema/schema_model.h"

namespace bessemer::schema {
namespace {

namespace v0 = ::tensorflow::metadata::v0;

template <typename Entry>
bool IsLeftOut(const Entry& entry) {
  return IsInactive(entry) || entry.lifecycle_stage() == v0::VALIDATION_DERIVED;
}

// Features of sparse features are columns of those only, so they leave `remaining`.
using FeaturesByName = std::map<std::string, const v0::Feature*>;

StatusOr<int64_t> IndexSize(const std::string& sparse, const v0::Feature& index) {
  if (!index.has_int_domain()) return -1;
  const v0::IntDomain& domain = index.int_domain();
  if (!domain.has_min() || !domain.has_max()) {
    return InvalidArgumentError(
        "sparse feature '{}' has no known size: the int_domain of index feature '{}' has no {}",
        sparse, index.name(), domain.has_min() ? "max" : "min");
  }
  if (domain.min() != 0 || domain.max() == INT64_MAX) {
    return InvalidArgumentError(
        "sparse feature '{}': indices begin at 0, but the int_domain of index feature '{}' is "
        "{} to {}", sparse, index.name(), domain.min(), domain.max());
  }
  return domain.max() + 1;
}

Status NotInSchema(const std::string& sparse, std::string_view role, const std::string& name) {
  return InvalidArgumentError(
      "sparse feature '{}' names '{}' as {} feature, which is not in the schema, or is used by "
      "a sparse feature already", sparse, name, role);
}

StatusOr<TensorRepresentation> InferSparse(const v0::SparseFeature& feature,
                                           FeaturesByName* remaining) {
  TensorRepresentation representation;
  auto* sparse = representation.mutable_sparse_tensor();
  sparse->mutable_dense_shape();
  for (const auto& index : feature.index_feature()) {
    const auto found = remaining->find(index.name());
    if (found == remaining->end()) return NotInSchema(feature.name(), "index", index.name());
    BESSEMER_ASSIGN_OR_RETURN(const int64_t size, IndexSize(feature.name(), *found->second));
    sparse->mutable_dense_shape()->add_dim()->set_size(size);
    sparse->add_index_column_names(index.name());
    remaining->erase(found);
  }
  const std::string& value = feature.value_feature().name();
  if (remaining->erase(value) == 0) return NotInSchema(feature.name(), "value", value);
  sparse->set_value_column_name(value);
  if (feature.is_sorted()) sparse->set_already_sorted(true);
  return representation;
}

TensorRepresentation RaggedOf(const std::vector<std::string>& steps) {
  TensorRepresentation representation;
  auto* path = representation.mutable_ragged_tensor()->mutable_feature_path();
  for (const std::string& step : steps) path->add_step(step);
  return representation;
}

Status InferStruct(const v0::Feature& feature, TensorRepresentations* result) {
  if (feature.struct_domain().sparse_feature_size() > 0) {
    return InvalidArgumentError("sparse features in struct '{}' cannot be tensors",
                                feature.name());
  }
  for (const v0::Feature& field : feature.struct_domain().feature()) {
    if (field.type() == v0::STRUCT) {
      return InvalidArgumentError("struct '{}' in struct '{}': only one level can be tensors",
                                  field.name(), feature.name());
    }
    const Path path({feature.name(), field.name()});
    (*result)[path.ToString()] = RaggedOf(path.steps());
  }
  return OkStatus();
}

StatusOr<TensorRepresentation> InferDense(const v0::Feature& feature) {
  if (feature.presence().min_fraction() != 1) {
    return InvalidArgumentError(
        "feature '{}' has a shape but presence.min_fraction {}, not 1: use value_count for a "
        "feature that may be missing", feature.name(), feature.presence().min_fraction());
  }
  TensorRepresentation representation;
  representation.mutable_dense_tensor()->set_column_name(feature.name());
  *representation.mutable_dense_tensor()->mutable_shape() = feature.shape();
  return representation;
}

TensorRepresentation InferVariable(const v0::Feature& feature, const v0::Schema& schema) {
  if (schema.represent_variable_length_as_ragged()) return RaggedOf({feature.name()});
  TensorRepresentation representation;
  representation.mutable_varlen_sparse_tensor()->set_column_name(feature.name());
  return representation;
}

// Dense if value_count fixes the number of values, else of any length.
StatusOr<TensorRepresentation> InferByValueCount(const v0::Feature& feature,
                                                 const v0::Schema& schema) {
  const auto& count = feature.value_count();
  if (count.min() < 0 || count.max() < 0) {
    return InvalidArgumentError("feature '{}' has a negative value_count", feature.name());
  }
  if (count.min() != count.max() || count.min() == 0) return InferVariable(feature, schema);
  TensorRepresentation representation;
  auto* dense = representation.mutable_dense_tensor();
  dense->set_column_name(feature.name());
  dense->mutable_shape();
  if (count.min() > 1) dense->mutable_shape()->add_dim()->set_size(count.min());
  if (feature.presence().min_fraction() >= 1) return representation;
  switch (feature.type()) {
    case v0::BYTES:
      dense->mutable_default_value()->set_bytes_value("");
      break;
    case v0::INT:
      dense->mutable_default_value()->set_int_value(-1);
      break;
    case v0::FLOAT:
      dense->mutable_default_value()->set_float_value(-1);
      break;
    default:
      return InvalidArgumentError("feature '{}' may be missing and its type has no default",
                                  feature.name());
  }
  return representation;
}

// Paths of all features that hold values.
void CollectLeaves(const Path& parent, const google::protobuf::RepeatedPtrField<v0::Feature>& all,
                   std::set<Path>* leaves) {
  for (const v0::Feature& feature : all) {
    const Path path = parent.Child(feature.name());
    if (feature.type() == v0::STRUCT) {
      CollectLeaves(path, feature.struct_domain().feature(), leaves);
    } else {
      leaves->insert(path);
    }
  }
}

std::string Names(const std::set<Path>& paths) {
  std::string names;
  for (const Path& path : paths) names += (names.empty() ? "" : ", ") + path.ToString();
  return names;
}

std::set<Path> AllSourceColumns(const TensorRepresentations& representations) {
  std::set<Path> columns;
  for (const auto& [name, representation] : representations) {
    for (Path& path : SourceColumns(representation)) columns.insert(std::move(path));
  }
  return columns;
}

std::set<Path> Without(const std::set<Path>& all, const std::set<Path>& known) {
  std::set<Path> rest;
  std::set_difference(all.begin(), all.end(), known.begin(), known.end(),
                      std::inserter(rest, rest.end()));
  return rest;
}

}  // namespace

std::optional<TensorRepresentations> FindTensorRepresentations(const v0::Schema& schema,
                                                               std::string_view group) {
  const auto found = schema.tensor_representation_group().find(std::string(group));
  if (found == schema.tensor_representation_group().end()) return std::nullopt;
  const auto& map = found->second.tensor_representation();
  return TensorRepresentations(map.begin(), map.end());
}

void SetTensorRepresentations(const TensorRepresentations& representations, v0::Schema* schema,
                              const std::string& group) {
  auto* map = (*schema->mutable_tensor_representation_group())[group]
                  .mutable_tensor_representation();
  map->clear();
  for (const auto& [name, representation] : representations) (*map)[name] = representation;
}

StatusOr<TensorRepresentations> InferTensorRepresentations(const v0::Schema& schema,
                                                           const RepresentationOptions& options) {
  TensorRepresentations result;
  FeaturesByName remaining;
  for (const v0::Feature& feature : schema.feature()) remaining[feature.name()] = &feature;
  if (!options.shape_by_value_count) {
    for (const v0::SparseFeature& feature : schema.sparse_feature()) {
      if (IsLeftOut(feature)) continue;
      BESSEMER_ASSIGN_OR_RETURN(result[feature.name()], InferSparse(feature, &remaining));
    }
  }
  for (const v0::Feature& feature : schema.feature()) {
    if (!remaining.contains(feature.name()) || IsLeftOut(feature)) continue;
    if (feature.type() == v0::STRUCT) {
      BESSEMER_RETURN_IF_ERROR(InferStruct(feature, &result));
    } else if (options.shape_by_value_count) {
      BESSEMER_ASSIGN_OR_RETURN(result[feature.name()], InferByValueCount(feature, schema));
    } else if (feature.has_shape()) {
      BESSEMER_ASSIGN_OR_RETURN(result[feature.name()], InferDense(feature));
    } else {
      result[feature.name()] = InferVariable(feature, schema);
    }
  }
  return result;
}

StatusOr<TensorRepresentations> CompleteTensorRepresentations(
    const v0::Schema& schema, const RepresentationOptions& options) {
  auto given = FindTensorRepresentations(schema);
  BESSEMER_ASSIGN_OR_RETURN(auto inferred, InferTensorRepresentations(schema, options));
  if (!given) return inferred;
  std::set<std::string> used;
  for (const Path& path : AllSourceColumns(*given)) used.insert(path.ToString());
  for (auto& [name, representation] : inferred) {
    if (!used.contains(name)) given->try_emplace(name, std::move(representation));
  }
  return *std::move(given);
}

std::vector<Path> SourceColumns(const TensorRepresentation& representation) {
  std::vector<Path> columns;
  const auto add = [&](const std::string& name) {
    columns.push_back(Path(std::vector<std::string>{name}));
  };
  switch (representation.kind_case()) {
    case TensorRepresentation::kDenseTensor:
      add(representation.dense_tensor().column_name());
      break;
    case TensorRepresentation::kVarlenSparseTensor:
      add(representation.varlen_sparse_tensor().column_name());
      break;
    case TensorRepresentation::kSparseTensor:
      for (const auto& index : representation.sparse_tensor().index_column_names()) add(index);
      if (representation.sparse_tensor().has_value_column_name()) {
        add(representation.sparse_tensor().value_column_name());
      }
      break;
    case TensorRepresentation::kRaggedTensor: {
      const auto& ragged = representation.ragged_tensor();
      const Path values = Path::FromProto(ragged.feature_path());
      columns.push_back(values);
      for (const auto& partition : ragged.partition()) {
        if (partition.has_row_length()) {
          columns.push_back(values.Parent().Child(partition.row_length()));
        }
      }
      break;
    }
    case TensorRepresentation::KIND_NOT_SET:
      break;
  }
  return columns;
}

StatusOr<Path> ValueColumn(const TensorRepresentation& representation) {
  switch (representation.kind_case()) {
    case TensorRepresentation::kSparseTensor:
      return Path(std::vector<std::string>{representation.sparse_tensor().value_column_name()});
    case TensorRepresentation::KIND_NOT_SET:
      return InvalidArgumentError(
          "the tensor representation has no kind; set dense_tensor, varlen_sparse_tensor, "
          "sparse_tensor or ragged_tensor");
    default:
      return SourceColumns(representation).front();
  }
}

StatusOr<v0::Schema> ProjectToTensors(const v0::Schema& schema,
                                      const std::set<std::string>& tensors,
                                      const RepresentationOptions& options) {
  auto all = FindTensorRepresentations(schema);
  if (!all) {
    BESSEMER_ASSIGN_OR_RETURN(all, InferTensorRepresentations(schema, options));
  }
  TensorRepresentations kept;
  for (const std::string& name : tensors) {
    const auto found = all->find(name);
    if (found == all->end()) {
      return InvalidArgumentError("the schema has no tensor '{}'; it has {}", name, all->size());
    }
    kept.insert(*found);
  }
  std::set<Path> missing = AllSourceColumns(kept);
  v0::Schema result;
  for (const v0::Feature& feature : schema.feature()) {
    if (missing.erase(Path(std::vector<std::string>{feature.name()})) > 0) {
      *result.add_feature() = feature;
    }
  }
  if (!missing.empty()) {
    return InvalidArgumentError("tensors are made of columns that are not in the schema: {}",
                                Names(missing));
  }
  SetTensorRepresentations(kept, &result);
  return result;
}

Status CheckTensorRepresentations(const v0::Schema& schema, std::string_view group) {
  const auto representations = FindTensorRepresentations(schema, group);
  if (!representations) {
    return NotFoundError("the schema has no tensor representation group '{}'", group);
  }
  const std::set<Path> columns = AllSourceColumns(*representations);
  std::set<Path> features;
  CollectLeaves(Path(), schema.feature(), &features);
  if (const auto rest = Without(columns, features); !rest.empty()) {
    return InvalidArgumentError("tensors are made of columns that are not in the schema: {}",
                                Names(rest));
  }
  if (const auto rest = Without(features, columns); !rest.empty()) {
    return InvalidArgumentError("features that no tensor is made of: {}", Names(rest));
  }
  return OkStatus();
}

}  // namespace bessemer::schema
