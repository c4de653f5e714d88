#include "bessemer/evaluation/slicing.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <set>
#include <unordered_map>

namespace bessemer::evaluation {
namespace {

namespace tfma = ::tensorflow_model_analysis;
using columnar::FeatureColumn;

bool WantedMatches(const std::string& wanted, const SliceValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text == wanted;
  const char* end = wanted.data() + wanted.size();
  if (const auto* number = std::get_if<int64_t>(&value)) {
    int64_t parsed = 0;
    const auto result = std::from_chars(wanted.data(), end, parsed);
    if (result.ec == std::errc() && result.ptr == end) return parsed == *number;
  }
  double parsed = 0;
  const auto result = std::from_chars(wanted.data(), end, parsed);
  if (result.ec != std::errc() || result.ptr != end) return false;
  const auto* number = std::get_if<int64_t>(&value);
  const double have = number ? static_cast<double>(*number) : std::get<double>(value);
  return have == parsed || have == static_cast<double>(static_cast<float>(parsed));
}

// A column with its distinct values numbered; a value that is not wanted has no number.
struct Coded {
  std::vector<SliceValue> values;
  std::vector<int64_t> offsets;  // num_rows + 1
  std::vector<int32_t> codes;    // the distinct values of each row
};

Status AppendCodes(const arrow::Array& leaves, std::vector<int32_t>* codes,
                   std::vector<SliceValue>* values) {
  codes->assign(leaves.length(), -1);
  if (columnar::IsBytes(*leaves.type())) {
    return columnar::DispatchBytes(*leaves.type(), [&](auto type) {
      const auto& typed = static_cast<const typename decltype(type)::type&>(leaves);
      std::unordered_map<std::string_view, int32_t> seen;
      for (int64_t i = 0; i < typed.length(); ++i) {
        if (typed.IsNull(i)) continue;
        const auto [it, is_new] =
            seen.try_emplace(std::string_view(typed.GetView(i)), values->size());
        if (is_new) values->emplace_back(std::string(it->first));
        (*codes)[i] = it->second;
      }
      return OkStatus();
    });
  }
  return columnar::DispatchNumeric(*leaves.type(), [&](auto type) {
    using ArrayType = typename decltype(type)::type;
    const auto& typed = static_cast<const ArrayType&>(leaves);
    using T = typename ArrayType::value_type;
    std::unordered_map<T, int32_t> seen;
    for (int64_t i = 0; i < typed.length(); ++i) {
      const T value = typed.Value(i);
      if (typed.IsNull(i) || value != value) continue;  // NaN equals nothing: no slice
      const auto [it, is_new] = seen.try_emplace(value, values->size());
      if (is_new) {
        if constexpr (std::is_floating_point_v<T>) {
          values->emplace_back(static_cast<double>(static_cast<float>(value)));
        } else {
          values->emplace_back(static_cast<int64_t>(value));
        }
      }
      (*codes)[i] = it->second;
    }
    return OkStatus();
  });
}

StatusOr<Coded> Code(const std::shared_ptr<arrow::Array>& array, const std::string& name) {
  const StatusOr<FeatureColumn> column = FeatureColumn::Make(array);
  if (!column.ok()) return WithContext(column.status(), "slicing by '" + name + "'");
  Coded coded;
  coded.offsets.push_back(0);
  if (column->layout() == FeatureColumn::Layout::kAbsent) {
    coded.offsets.resize(column->num_rows() + 1, 0);
    return coded;
  }
  std::vector<int32_t> leaves;
  const Status status = AppendCodes(*column->values(), &leaves, &coded.values);
  if (!status.ok()) return WithContext(status, "slicing by '" + name + "'");
  for (int64_t row = 0; row < column->num_rows(); ++row) {
    const size_t begin = coded.codes.size();
    for (int64_t i = column->begin(row); column->IsPresent(row) && i < column->end(row); ++i) {
      const int32_t code = leaves[i];
      if (code < 0 || std::find(coded.codes.begin() + begin, coded.codes.end(), code) !=
                          coded.codes.end()) {
        continue;
      }
      coded.codes.push_back(code);
    }
    coded.offsets.push_back(static_cast<int64_t>(coded.codes.size()));
  }
  return coded;
}

// Rows of a batch by the combination of codes of some columns: columns are folded in one by one.
struct Grouped {
  std::vector<SliceKey> keys;
  std::vector<std::pair<int32_t, int32_t>> members;  // (group, row), rows ascending
};

Grouped Fold(const Grouped& groups, const std::string& name, const Coded& coded,
             const std::optional<std::string>& wanted) {
  std::vector<bool> allowed(coded.values.size(), true);
  if (wanted) {
    for (size_t i = 0; i < allowed.size(); ++i) {
      allowed[i] = WantedMatches(*wanted, coded.values[i]);
    }
  }
  Grouped result;
  std::unordered_map<uint64_t, int32_t> index;
  for (const auto& [group, row] : groups.members) {
    for (int64_t i = coded.offsets[row]; i < coded.offsets[row + 1]; ++i) {
      const int32_t code = coded.codes[i];
      if (!allowed[code]) continue;
      const uint64_t pair = static_cast<uint64_t>(group) << 32 | static_cast<uint32_t>(code);
      const auto [it, is_new] = index.try_emplace(pair, result.keys.size());
      if (is_new) {
        result.keys.push_back(groups.keys[group]);
        result.keys.back().emplace_back(name, coded.values[code]);
      }
      result.members.emplace_back(it->second, row);
    }
  }
  return result;
}

}  // namespace

Slicer::Slicer(const EvalConfig& config) {
  std::set<std::string> seen;
  auto add = [&](const tfma::SlicingSpec& proto) {
    std::map<std::string, std::optional<std::string>> columns;
    for (const std::string& key : proto.feature_keys()) columns[key] = std::nullopt;
    for (const auto& [key, value] : proto.feature_values()) columns[key] = value;
    std::string id;
    for (const auto& [key, value] : columns) id += key + '\0' + (value ? "=" + *value : "") + '\0';
    if (seen.insert(id).second) specs_.push_back({{columns.begin(), columns.end()}});
  };
  for (const auto& spec : config.slicing_specs()) add(spec);
  if (config.slicing_specs().empty()) add({});
  for (const auto& cross : config.cross_slicing_specs()) {
    add(cross.baseline_spec());
    for (const auto& spec : cross.slicing_specs()) add(spec);
  }
}

StatusOr<SliceRows> Slicer::Slice(const Batch& batch) const {
  SliceRows result;
  std::map<std::string, Coded> coded;
  const auto num_rows = static_cast<int32_t>(batch.num_rows());
  for (const Spec& spec : specs_) {
    Grouped groups{.keys = {SliceKey()}};
    for (int32_t row = 0; row < num_rows; ++row) groups.members.emplace_back(0, row);
    for (const auto& [name, wanted] : spec.columns) {
      const std::shared_ptr<arrow::Array> array = batch.FindSlice(name);
      if (!array) {  // a feature no example of this batch has
        groups.members.clear();
        break;
      }
      auto found = coded.find(name);
      if (found == coded.end()) {
        BESSEMER_ASSIGN_OR_RETURN(Coded column, Code(array, name));
        found = coded.emplace(name, std::move(column)).first;
      }
      groups = Fold(groups, name, found->second, wanted);
    }
    std::vector<std::vector<int32_t>> rows(groups.keys.size());
    for (const auto& [group, row] : groups.members) rows[group].push_back(row);
    for (size_t g = 0; g < rows.size(); ++g) {
      if (!rows[g].empty()) result.try_emplace(groups.keys[g], std::move(rows[g]));
    }
  }
  return result;
}

bool SliceMatches(const tfma::SlicingSpec& spec, const SliceKey& key) {
  std::set<std::string> columns(spec.feature_keys().begin(), spec.feature_keys().end());
  for (const auto& [column, value] : spec.feature_values()) columns.insert(column);
  if (columns.size() != key.size()) return false;
  for (const auto& [column, value] : key) {
    if (!columns.contains(column)) return false;
    const auto wanted = spec.feature_values().find(column);
    const bool any = wanted == spec.feature_values().end();
    if (!any && !WantedMatches(wanted->second, value)) return false;
  }
  return true;
}

std::vector<std::pair<SliceKey, SliceKey>> CrossSlices(const tfma::CrossSlicingSpec& spec,
                                                       const std::vector<SliceKey>& keys) {
  std::vector<std::pair<SliceKey, SliceKey>> result;
  for (const SliceKey& baseline : keys) {
    if (!SliceMatches(spec.baseline_spec(), baseline)) continue;
    for (const SliceKey& key : keys) {
      bool wanted = spec.slicing_specs().empty() && key != baseline;
      for (const auto& one : spec.slicing_specs()) wanted = wanted || SliceMatches(one, key);
      if (wanted) result.emplace_back(baseline, key);
    }
  }
  return result;
}

}  // namespace bessemer::evaluation
