#include "bessemer/schema/feature_spec.h"

#include <algorithm>
#include <set>

namespace bessemer::schema {
namespace {

namespace v0 = ::tensorflow::metadata::v0;

std::vector<int64_t> DimsOf(const v0::FixedShape& shape) {
  std::vector<int64_t> dims;
  for (const auto& dim : shape.dim()) dims.push_back(dim.size());
  return dims;
}

StatusOr<ParsedFeature> DenseFeature(const TensorRepresentation::DenseTensor& dense,
                                     FeatureType type) {
  FixedLenFeature feature{.type = type, .shape = DimsOf(dense.shape())};
  if (!dense.has_default_value()) return feature;
  const auto& value = dense.default_value();
  if (type == v0::INT && value.has_int_value()) {
    feature.default_value = value.int_value();
  } else if (type == v0::FLOAT && value.has_float_value()) {
    feature.default_value = static_cast<float>(value.float_value());
  } else if (type == v0::BYTES && value.has_bytes_value()) {
    feature.default_value = value.bytes_value();
  } else {
    return InvalidArgumentError("the default value of column '{}' is not of its type, {}",
                                dense.column_name(), v0::FeatureType_Name(type));
  }
  return feature;
}

StatusOr<ParsedFeature> Ragged(const TensorRepresentation::RaggedTensor& ragged,
                               FeatureType type) {
  if (ragged.feature_path().step_size() != 1) {
    return InvalidArgumentError(
        "a ragged tensor of tf.Example needs a path of one step, '{}' has {}",
        Path::FromProto(ragged.feature_path()).ToString(), ragged.feature_path().step_size());
  }
  RaggedFeature feature{.type = type, .value_key = ragged.feature_path().step(0)};
  feature.int32_row_splits = ragged.row_partition_dtype() == TensorRepresentation::INT32;
  for (const auto& partition : ragged.partition()) {
    if (partition.has_uniform_row_length()) {
      feature.partitions.emplace_back(int64_t{partition.uniform_row_length()});
    } else if (partition.has_row_length()) {
      feature.partitions.emplace_back(partition.row_length());
    } else {
      return InvalidArgumentError("a partition of ragged tensor '{}' has no length",
                                  feature.value_key);
    }
  }
  return feature;
}

using FeaturesByPath = std::map<Path, const v0::Feature*>;

void CollectFeatures(const Path& parent,
                     const google::protobuf::RepeatedPtrField<v0::Feature>& features,
                     FeaturesByPath* all) {
  for (const v0::Feature& feature : features) {
    const Path path = parent.Child(feature.name());
    (*all)[path] = &feature;
    CollectFeatures(path, feature.struct_domain().feature(), all);
  }
}

StatusOr<const v0::Feature*> ValueFeature(const std::string& tensor,
                                          const TensorRepresentation& representation,
                                          const FeaturesByPath& features) {
  BESSEMER_ASSIGN_OR_RETURN(const Path path, ValueColumn(representation));
  const auto found = features.find(path);
  if (found == features.end()) {
    return InvalidArgumentError("tensor '{}' is made of column '{}', which is not in the schema",
                                tensor, path.ToString());
  }
  return found->second;
}

// The domain alone; nothing if there is none.
std::optional<v0::Feature> DomainOf(const v0::Feature& feature, const v0::Schema& schema) {
  if (feature.domain_info_case() == v0::Feature::DOMAIN_INFO_NOT_SET) return std::nullopt;
  v0::Feature result;
  if (feature.domain_info_case() != v0::Feature::kDomain) {
    result = feature;
    result.clear_name();
    const auto* descriptor = v0::Feature::descriptor();
    const auto* domain =
        v0::Feature::GetReflection()->GetOneofFieldDescriptor(
            feature, descriptor->FindOneofByName("domain_info"));
    std::vector<const google::protobuf::FieldDescriptor*> fields;
    v0::Feature::GetReflection()->ListFields(feature, &fields);
    for (const auto* field : fields) {
      if (field != domain) v0::Feature::GetReflection()->ClearField(&result, field);
    }
    return result;
  }
  for (const v0::StringDomain& known : schema.string_domain()) {
    if (known.name() == feature.domain()) {
      *result.mutable_string_domain() = known;
      return result;
    }
  }
  return std::nullopt;
}

bool HasStruct(const v0::Schema& schema) {
  return std::any_of(schema.feature().begin(), schema.feature().end(),
                     [](const v0::Feature& f) { return f.type() == v0::STRUCT; });
}

// All tensors; with `split`, those of fields of a struct are sequence features, without their
// struct, and each tensor goes into one half of `split` too.
StatusOr<FeatureSpecAndDomains> SpecOf(const TensorRepresentations& representations,
                                       const v0::Schema& schema, SequenceFeatureSpec* split) {
  FeaturesByPath features;
  CollectFeatures(Path(), schema.feature(), &features);
  FeatureSpecAndDomains result;
  for (const auto& [name, representation] : representations) {
    BESSEMER_ASSIGN_OR_RETURN(const v0::Feature* values,
                              ValueFeature(name, representation, features));
    TensorRepresentation flat = representation;
    const bool sequence = split != nullptr && representation.has_ragged_tensor() &&
                          representation.ragged_tensor().feature_path().step_size() == 2;
    if (sequence) {
      flat.mutable_ragged_tensor()->mutable_feature_path()->mutable_step()->DeleteSubrange(0, 1);
    }
    auto parsed = ParsedFeatureOf(flat, values->type());
    if (!parsed.ok()) return WithContext(parsed.status(), fmt::format("tensor '{}'", name));
    if (split != nullptr) (sequence ? split->sequence : split->context)[name] = *parsed;
    result.spec[name] = *std::move(parsed);
    if (auto domain = DomainOf(*values, schema)) result.domains[name] = *std::move(domain);
  }
  return result;
}

void SetDomain(const std::map<std::string, v0::Feature>& domains, const std::string& tensor,
               v0::Feature* feature) {
  if (const auto found = domains.find(tensor); found != domains.end()) {
    feature->MergeFrom(found->second);
  }
}

// Adds to a schema what one tensor is made of.
class SchemaWriter {
 public:
  explicit SchemaWriter(const std::map<std::string, v0::Feature>& domains) : domains_(domains) {}

  Status Add(const std::string& name, const ParsedFeature& parsed) {
    return std::visit([&](const auto& feature) { return AddOne(name, feature); }, parsed);
  }
  v0::Schema Take() { return std::move(schema_); }

 private:
  v0::Feature* AddFeature(const std::string& name, FeatureType type) {
    v0::Feature* feature = schema_.add_feature();
    feature->set_name(name);
    feature->set_type(type);
    return feature;
  }

  Status AddOne(const std::string& name, const FixedLenFeature& fixed) {
    if (fixed.default_value) {
      return InvalidArgumentError(
          "feature '{}' has a default value, which a schema cannot say: leave it out", name);
    }
    v0::Feature* feature = AddFeature(name, fixed.type);
    feature->mutable_presence()->set_min_fraction(1);
    feature->mutable_shape();
    for (const int64_t size : fixed.shape) feature->mutable_shape()->add_dim()->set_size(size);
    SetDomain(domains_, name, feature);
    return OkStatus();
  }

  Status AddOne(const std::string& name, const VarLenFeature& variable) {
    SetDomain(domains_, name, AddFeature(name, variable.type));
    return OkStatus();
  }

  Status AddOne(const std::string& name, const SparseFeature& sparse) {
    if (sparse.index_keys.size() != sparse.size.size()) {
      return InvalidArgumentError("sparse feature '{}' has {} index features and {} sizes", name,
                                  sparse.index_keys.size(), sparse.size.size());
    }
    v0::SparseFeature* entry = schema_.add_sparse_feature();
    entry->set_name(name);
    if (sparse.already_sorted) entry->set_is_sorted(true);
    for (size_t i = 0; i < sparse.size.size(); ++i) {
      v0::Feature* index = AddFeature(sparse.index_keys[i], v0::INT);
      if (sparse.size[i] >= 0) {
        index->mutable_int_domain()->set_min(0);
        index->mutable_int_domain()->set_max(sparse.size[i] - 1);
      }
      entry->add_index_feature()->set_name(sparse.index_keys[i]);
    }
    SetDomain(domains_, name, AddFeature(sparse.value_key, sparse.type));
    entry->mutable_value_feature()->set_name(sparse.value_key);
    return OkStatus();
  }

  Status AddOne(const std::string& name, const RaggedFeature& ragged) {
    const std::string& value = ragged.value_key.empty() ? name : ragged.value_key;
    SetDomain(domains_, name, AddFeature(value, ragged.type));
    TensorRepresentation representation;
    auto* tensor = representation.mutable_ragged_tensor();
    tensor->mutable_feature_path()->add_step(value);
    for (const auto& partition : ragged.partitions) {
      if (const auto* key = std::get_if<std::string>(&partition)) {
        tensor->add_partition()->set_row_length(*key);
        AddFeature(*key, v0::INT);
      } else {
        tensor->add_partition()->set_uniform_row_length(std::get<int64_t>(partition));
      }
    }
    (*(*schema_.mutable_tensor_representation_group())[""]
          .mutable_tensor_representation())[name] = representation;
    return OkStatus();
  }

  const std::map<std::string, v0::Feature>& domains_;
  v0::Schema schema_;
};

// What a parsed feature reads: columns, and whether as a list of fixed length.
std::vector<std::string> ColumnsOf(const std::string& key, const ParsedFeature& parsed) {
  if (const auto* sparse = std::get_if<SparseFeature>(&parsed)) {
    std::vector<std::string> columns = sparse->index_keys;
    columns.push_back(sparse->value_key);
    return columns;
  }
  if (const auto* ragged = std::get_if<RaggedFeature>(&parsed)) {
    std::vector<std::string> columns = {ragged->value_key};
    for (const auto& partition : ragged->partitions) {
      if (const auto* lengths = std::get_if<std::string>(&partition)) columns.push_back(*lengths);
    }
    return columns;
  }
  return {key};
}

}  // namespace

StatusOr<ParsedFeature> ParsedFeatureOf(const TensorRepresentation& representation,
                                        FeatureType type) {
  if (type != v0::INT && type != v0::FLOAT && type != v0::BYTES) {
    return InvalidArgumentError("type {} cannot be parsed: it must be INT, FLOAT or BYTES",
                                v0::FeatureType_Name(type));
  }
  switch (representation.kind_case()) {
    case TensorRepresentation::kDenseTensor:
      return DenseFeature(representation.dense_tensor(), type);
    case TensorRepresentation::kVarlenSparseTensor:
      return VarLenFeature{type};
    case TensorRepresentation::kSparseTensor: {
      const auto& sparse = representation.sparse_tensor();
      return SparseFeature{.type = type,
                           .value_key = sparse.value_column_name(),
                           .index_keys = {sparse.index_column_names().begin(),
                                          sparse.index_column_names().end()},
                           .size = DimsOf(sparse.dense_shape()),
                           .already_sorted = sparse.already_sorted()};
    }
    case TensorRepresentation::kRaggedTensor:
      return Ragged(representation.ragged_tensor(), type);
    case TensorRepresentation::KIND_NOT_SET:
      break;
  }
  return ValueColumn(representation).status();
}

StatusOr<SequenceFeatureSpec> SequenceFeatureSpecOf(const v0::Schema& schema) {
  const auto representations = FindTensorRepresentations(schema);
  if (!representations) {
    return InvalidArgumentError(
        "a schema of tf.SequenceExample needs tensor representations in the default group");
  }
  SequenceFeatureSpec split;
  BESSEMER_RETURN_IF_ERROR(SpecOf(*representations, schema, &split).status());
  return split;
}

StatusOr<FeatureSpecAndDomains> FeatureSpecOf(const v0::Schema& schema) {
  if (HasStruct(schema)) {
    const auto representations = FindTensorRepresentations(schema);
    SequenceFeatureSpec split;
    if (!representations) return SequenceFeatureSpecOf(schema).status();
    return SpecOf(*representations, schema, &split);
  }
  BESSEMER_ASSIGN_OR_RETURN(const auto representations, CompleteTensorRepresentations(schema));
  return SpecOf(representations, schema, nullptr);
}

StatusOr<v0::Schema> SchemaOf(const FeatureSpec& spec,
                              const std::map<std::string, v0::Feature>& domains) {
  SchemaWriter writer(domains);
  for (const auto& [name, parsed] : spec) BESSEMER_RETURN_IF_ERROR(writer.Add(name, parsed));
  return writer.Take();
}

StatusOr<ExampleParsing> ExampleParsingOf(const v0::Schema& schema) {
  if (schema.feature().empty()) {
    return InvalidArgumentError("the schema has no features to parse");
  }
  BESSEMER_ASSIGN_OR_RETURN(const auto representations, CompleteTensorRepresentations(schema));
  BESSEMER_ASSIGN_OR_RETURN(const auto all, SpecOf(representations, schema, nullptr));
  ExampleParsing result;
  std::set<std::string> fixed, listed;  // columns, by how they are read
  for (const auto& [tensor, parsed] : all.spec) {
    const bool one_column = std::holds_alternative<FixedLenFeature>(parsed) ||
                            std::holds_alternative<VarLenFeature>(parsed);
    const auto sources = SourceColumns(representations.at(tensor));
    const std::string column = sources.size() == 1 ? sources[0].last() : tensor;
    const std::string key =
        one_column ? column : fmt::format("_tfx_bsl_{}_{}", tensor, column);
    const bool is_fixed = std::holds_alternative<FixedLenFeature>(parsed);
    for (const std::string& source : ColumnsOf(column, parsed)) {
      if ((is_fixed ? listed : fixed).contains(source) || result.spec.contains(key)) {
        return InvalidArgumentError("column '{}' of tensor '{}' is parsed for another tensor in "
                                    "another way", source, tensor);
      }
      (is_fixed ? fixed : listed).insert(source);
    }
    result.spec[key] = parsed;
    result.tensors[key] = tensor;
  }
  return result;
}

}  // namespace bessemer::schema
