#include "bessemer/statistics/batch_view.h"

#include <arrow/array/array_nested.h>
#include <arrow/compute/cast.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <arrow/util/float16.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/columnar/feature_column.h"
#include "bessemer/columnar/temporal.h"
#include "bessemer/statistics/value_distribution.h"

namespace bessemer::statistics {
namespace {

bool IsList(const arrow::DataType& type) {
  return type.id() == arrow::Type::LIST || type.id() == arrow::Type::LARGE_LIST;
}

// Types that are read as another one with the same meaning; null: as they are.
StatusOr<std::shared_ptr<arrow::DataType>> ReadAs(const arrow::DataType& type,
                                                  const FeaturePath& path) {
  std::shared_ptr<arrow::DataType> none;
  switch (type.id()) {
    case arrow::Type::NA:
    case arrow::Type::STRUCT:
    case arrow::Type::HALF_FLOAT:
      return none;
    case arrow::Type::BOOL:
      return arrow::int8();
    case arrow::Type::DECIMAL128:
    case arrow::Type::DECIMAL256:
      return arrow::float64();
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY_VIEW:
    case arrow::Type::FIXED_SIZE_BINARY:
      return arrow::large_binary();
    case arrow::Type::FIXED_SIZE_LIST:
      return arrow::list(type.field(0)->type());
    case arrow::Type::DICTIONARY:
      return static_cast<const arrow::DictionaryType&>(type).value_type();
    default:
      break;
  }
  if (columnar::IsInteger(type) || columnar::IsFloat(type) || columnar::IsBytes(type) ||
      IsList(type)) {
    return none;
  }
  return InvalidArgumentError(
      "feature '{}' has type {}, which statistics do not take; convert it to numbers, text, "
      "lists or structs of these",
      PathToString(path), type.ToString());
}

template <typename ListArrayType>
ListLevel LevelOf(const ListArrayType& list, std::shared_ptr<arrow::Array>* values) {
  ListLevel level;
  level.num_rows = list.length();
  const auto* offsets = list.raw_value_offsets();
  const int64_t begin = list.length() == 0 ? 0 : offsets[0];
  const int64_t end = list.length() == 0 ? 0 : offsets[list.length()];
  level.base = begin;
  if constexpr (std::is_same_v<ListArrayType, arrow::ListArray>) {
    level.offsets32 = offsets;
  } else {
    level.offsets64 = offsets;
  }
  *values = list.values()->Slice(begin, end - begin);
  return level;
}

// A null row may still own elements; then lists are copied without them.
template <typename ListArrayType>
Status DropHiddenElements(const ListArrayType& list, ListLevel* level,
                          std::shared_ptr<arrow::Array>* values) {
  if (list.null_count() == 0) return OkStatus();
  bool hidden = false;
  for (int64_t i = 0; i < list.length() && !hidden; ++i) {
    hidden = list.IsNull(i) && list.value_length(i) > 0;
  }
  if (!hidden) return OkStatus();
  BESSEMER_ASSIGN_OR_RETURN_ARROW(*values, list.Flatten());
  level->storage = std::make_shared<std::vector<int64_t>>(1, 0);
  for (int64_t i = 0; i < list.length(); ++i) {
    level->storage->push_back(level->storage->back() +
                              (list.IsNull(i) ? 0 : list.value_length(i)));
  }
  level->offsets32 = nullptr;
  level->offsets64 = level->storage->data();
  level->base = 0;
  return OkStatus();
}

StatusOr<std::shared_ptr<arrow::Array>> Converted(std::shared_ptr<arrow::Array> array,
                                                  const FeaturePath& path) {
  if (columnar::IsTemporal(*array->type())) {
    columnar::TimeFaults faults;
    auto integers = columnar::TimesAsIntegers(array, columnar::kTimeUnit, &faults);
    if (faults.empty()) return integers;
    return InvalidArgumentError("feature '{}': {} microseconds; convert the column to integers",
                                PathToString(path), faults[0].second);
  }
  BESSEMER_ASSIGN_OR_RETURN(const auto target, ReadAs(*array->type(), path));
  if (target == nullptr) return array;
  BESSEMER_ASSIGN_OR_RETURN_ARROW(std::shared_ptr<arrow::Array> converted,
                                  arrow::compute::Cast(*array, target));
  return converted;
}

// Peels the list levels off `array`.
Status ReadLevels(std::shared_ptr<arrow::Array> array, FeatureArray* feature) {
  BESSEMER_ASSIGN_OR_RETURN(array, Converted(std::move(array), feature->path));
  while (IsList(*array->type())) {
    ListLevel level;
    std::shared_ptr<arrow::Array> values;
    if (array->type_id() == arrow::Type::LIST) {
      const auto& list = static_cast<const arrow::ListArray&>(*array);
      level = LevelOf(list, &values);
      BESSEMER_RETURN_IF_ERROR(DropHiddenElements(list, &level, &values));
    } else {
      const auto& list = static_cast<const arrow::LargeListArray&>(*array);
      level = LevelOf(list, &values);
      BESSEMER_RETURN_IF_ERROR(DropHiddenElements(list, &level, &values));
    }
    level.array = std::move(array);
    feature->levels.push_back(std::move(level));
    BESSEMER_ASSIGN_OR_RETURN(array, Converted(std::move(values), feature->path));
  }
  if (feature->levels.empty() || array->type_id() == arrow::Type::NA) {
    // A null-typed array stands for a list of something not known.
    ListLevel level;
    level.num_rows = array->length();
    if (array->type_id() != arrow::Type::NA) level.array = array;
    feature->levels.push_back(std::move(level));
  }
  const arrow::DataType& type = *array->type();
  if (type.id() == arrow::Type::STRUCT) {
    feature->type = FeatureType::kStruct;
  } else if (columnar::IsInteger(type)) {
    feature->type = FeatureType::kInt;
  } else if (columnar::IsFloat(type) || type.id() == arrow::Type::HALF_FLOAT) {
    feature->type = FeatureType::kFloat;
  } else if (columnar::IsBytes(type)) {
    feature->type = FeatureType::kString;
  }
  feature->leaf = std::move(array);
  return OkStatus();
}

Status ReadWeightColumn(const arrow::RecordBatch& batch, const std::string& name,
                        std::vector<double>* weights) {
  const std::shared_ptr<arrow::Array> column = batch.GetColumnByName(name);
  if (column == nullptr) {
    return InvalidArgumentError("weight column '{}' is not in the data", name);
  }
  FeatureArray feature;
  feature.path = {name};
  BESSEMER_RETURN_IF_ERROR(ReadLevels(column, &feature));
  if (feature.type != FeatureType::kInt && feature.type != FeatureType::kFloat) {
    return InvalidArgumentError("weight column '{}' must be numeric, it has type {}", name,
                                column->type()->ToString());
  }
  bool one_each = feature.levels.size() == 1;
  for (int64_t i = 0; one_each && i < batch.num_rows(); ++i) {
    one_each = feature.levels[0].length(i) == 1;
    if (!one_each) break;
  }
  if (!one_each) {
    return InvalidArgumentError("weight column '{}' must have exactly one value in each example",
                                name);
  }
  LeafNumbers(feature, weights, nullptr);
  for (size_t i = 0; i < weights->size(); ++i) {
    if (!(std::fabs((*weights)[i]) <= kMaxWeight)) {
      return InvalidArgumentError(
          "weight column '{}' holds {} in row {} of a batch; a weight must be finite and at most "
          "{}",
          name, (*weights)[i], i, kMaxWeight);
    }
  }
  return OkStatus();
}

}  // namespace

std::string_view FeatureTypeName(FeatureType type) {
  switch (type) {
    case FeatureType::kInt:
      return "INT";
    case FeatureType::kFloat:
      return "FLOAT";
    case FeatureType::kString:
      return "STRING";
    case FeatureType::kStruct:
      return "STRUCT";
  }
  return "UNKNOWN";
}

Status BatchView::ReadWeights(const arrow::RecordBatch& batch) {
  std::set<std::string> names;
  if (!options_->weight_feature.empty()) names.insert(options_->weight_feature);
  for (const auto& [path, name] : options_->per_feature_weight_override) names.insert(name);
  for (const std::string& name : names) {
    auto storage = std::make_unique<std::vector<double>>();
    BESSEMER_RETURN_IF_ERROR(ReadWeightColumn(batch, name, storage.get()));
    weights_[name] = *storage;
    weight_storage_.push_back(std::move(storage));
  }
  return OkStatus();
}

StatusOr<BatchView> BatchView::Make(const arrow::RecordBatch& batch,
                                    const StatisticsOptions& options, ColumnPart part) {
  BatchView view;
  view.batch_ = &batch;
  view.options_ = &options;
  view.part_ = part;
  view.num_rows_ = batch.num_rows();
  BESSEMER_RETURN_IF_ERROR(view.ReadWeights(batch));
  std::set<std::string_view> names;
  const auto& allowed = options.feature_allowlist;
  for (int i = 0; i < batch.num_columns(); ++i) {
    const std::string& name = batch.column_name(i);
    if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), name) == allowed.end()) {
      continue;
    }
    if (!names.insert(name).second) {
      return InvalidArgumentError("the data has two columns named '{}'; rename one", name);
    }
    BESSEMER_RETURN_IF_ERROR(view.Walk({name}, batch.column(i), view.weights_));
  }
  return view;
}

Status BatchView::Walk(FeaturePath path, const std::shared_ptr<arrow::Array>& array,
                       const WeightColumns& weights) {
  FeatureArray feature;
  feature.path = std::move(path);
  BESSEMER_RETURN_IF_ERROR(ReadLevels(array, &feature));
  const auto own = options_->per_feature_weight_override.find(feature.path);
  const std::string& weight_name = own != options_->per_feature_weight_override.end()
                                       ? own->second
                                       : options_->weight_feature;
  if (!weight_name.empty()) feature.weights = weights.at(weight_name);
  if (feature.type != FeatureType::kStruct) {
    features_.push_back(std::move(feature));
    return OkStatus();
  }
  WeightColumns field_weights;
  if (!weights.empty()) {
    const std::vector<int64_t> rows = ParentRows(feature);
    for (const auto& [name, column] : weights) {
      auto storage = std::make_unique<std::vector<double>>();
      for (const int64_t row : rows) storage->push_back(column[row]);
      field_weights[name] = *storage;
      weight_storage_.push_back(std::move(storage));
    }
  }
  const std::shared_ptr<arrow::Array> leaf = feature.leaf;
  const FeaturePath parent = feature.path;
  features_.push_back(std::move(feature));
  const auto& structs = static_cast<const arrow::StructArray&>(*leaf);
  for (int i = 0; i < structs.num_fields(); ++i) {
    FeaturePath child = parent;
    child.push_back(structs.type()->field(i)->name());
    BESSEMER_ASSIGN_OR_RETURN_ARROW(const std::shared_ptr<arrow::Array> field,
                                    structs.GetFlattenedField(i));
    BESSEMER_RETURN_IF_ERROR(Walk(std::move(child), field, field_weights));
  }
  return OkStatus();
}

const FeatureArray* BatchView::Find(const FeaturePath& path) const {
  for (const FeatureArray& feature : features_) {
    if (feature.path == path) return &feature;
  }
  return nullptr;
}

std::span<const double> BatchView::weights() const {
  const auto it = weights_.find(options_->weight_feature);
  return it == weights_.end() ? std::span<const double>() : it->second;
}

std::vector<int64_t> ParentRows(const FeatureArray& feature) {
  std::vector<int64_t> rows(feature.levels[0].num_rows);
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<int64_t>(i);
  for (const ListLevel& level : feature.levels) {
    if (level.plain()) continue;
    std::vector<int64_t> next;
    next.reserve(level.num_rows > 0 ? level.begin(level.num_rows) : 0);
    for (int64_t i = 0; i < level.num_rows; ++i) next.insert(next.end(), level.length(i), rows[i]);
    rows = std::move(next);
  }
  return rows;
}

void LeafNumbers(const FeatureArray& feature, std::vector<double>* values,
                 std::vector<int64_t>* positions) {
  values->clear();
  if (positions != nullptr) positions->clear();
  const arrow::Array& leaf = *feature.leaf;
  const auto read = [&](auto number_at) {
    const int64_t length = leaf.length();
    values->resize(length);
    double* out = values->data();
    if (leaf.null_count() == 0) {
      for (int64_t i = 0; i < length; ++i) out[i] = number_at(i);
      if (positions != nullptr) {
        positions->resize(length);
        for (int64_t i = 0; i < length; ++i) (*positions)[i] = i;
      }
      return;
    }
    const bool skip_nulls = feature.plain();
    int64_t count = 0;
    for (int64_t i = 0; i < length; ++i) {
      const bool valid = leaf.IsValid(i);
      if (!valid && skip_nulls) continue;
      out[count++] = valid ? number_at(i) : std::numeric_limits<double>::quiet_NaN();
      if (positions != nullptr) positions->push_back(i);
    }
    values->resize(count);
  };
  if (leaf.type_id() == arrow::Type::HALF_FLOAT) {
    const auto& half = static_cast<const arrow::HalfFloatArray&>(leaf);
    read([&half](int64_t i) {
      return static_cast<double>(arrow::util::Float16::FromBits(half.Value(i)).ToFloat());
    });
    return;
  }
  // Leaves of other types hold no numbers.
  columnar::DispatchNumeric(*leaf.type(), [&]<typename Array>(std::type_identity<Array>) {
    const auto* raw = static_cast<const Array&>(leaf).raw_values();
    read([raw](int64_t i) { return static_cast<double>(raw[i]); });
    return OkStatus();
  }).IgnoreError();
}

}  // namespace bessemer::statistics
