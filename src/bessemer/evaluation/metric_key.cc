#include "bessemer/evaluation/metric_key.h"

#include <fmt/format.h>

namespace bessemer::evaluation {
namespace {

namespace tfma = ::tensorflow_model_analysis;

tfma::SubKey SubKeyToProto(const SubKey& key) {
  tfma::SubKey proto;
  if (key.class_id) proto.mutable_class_id()->set_value(*key.class_id);
  if (key.k) proto.mutable_k()->set_value(*key.k);
  if (key.top_k) proto.mutable_top_k()->set_value(*key.top_k);
  return proto;
}

SubKey SubKeyFromProto(const tfma::SubKey& proto) {
  SubKey key;
  if (proto.has_class_id()) key.class_id = proto.class_id().value();
  if (proto.has_k()) key.k = proto.k().value();
  if (proto.has_top_k()) key.top_k = proto.top_k().value();
  return key;
}

}  // namespace

std::string SubKey::ToString() const {
  std::string text;
  auto add = [&](const char* name, const std::optional<int>& value) {
    if (value) text += fmt::format("{}{}={}", text.empty() ? "" : ",", name, *value);
  };
  add("class_id", class_id);
  add("k", k);
  add("top_k", top_k);
  return text;
}

std::string MetricKey::ToString() const {
  std::string text = name;
  if (!output_name.empty()) text = output_name + "/" + text;
  if (!model_name.empty()) text = model_name + "/" + text;
  std::string inside = sub_key.ToString();
  constexpr const char* kAggregations[] = {"", "micro", "macro", "weighted_macro"};
  if (aggregation != Aggregation::kNone) {
    if (!inside.empty()) inside += ",";
    inside += kAggregations[static_cast<int>(aggregation)];
  }
  if (!inside.empty()) text += "[" + inside + "]";
  if (is_diff) text += " (diff)";
  return text;
}

tfma::MetricKey MetricKey::ToProto() const {
  tfma::MetricKey proto;
  proto.set_name(name);
  proto.set_model_name(model_name);
  proto.set_output_name(output_name);
  if (!sub_key.empty()) *proto.mutable_sub_key() = SubKeyToProto(sub_key);
  switch (aggregation) {
    case Aggregation::kNone:
      break;
    case Aggregation::kMicro:
      proto.mutable_aggregation_type()->set_micro_average(true);
      break;
    case Aggregation::kMacro:
      proto.mutable_aggregation_type()->set_macro_average(true);
      break;
    case Aggregation::kWeightedMacro:
      proto.mutable_aggregation_type()->set_weighted_macro_average(true);
      break;
  }
  if (example_weighted) proto.mutable_example_weighted()->set_value(*example_weighted);
  proto.set_is_diff(is_diff);
  return proto;
}

tfma::PlotKey MetricKey::ToPlotProto() const {
  tfma::PlotKey proto;
  proto.set_name(name);
  proto.set_model_name(model_name);
  proto.set_output_name(output_name);
  if (!sub_key.empty()) *proto.mutable_sub_key() = SubKeyToProto(sub_key);
  if (example_weighted) proto.mutable_example_weighted()->set_value(*example_weighted);
  return proto;
}

MetricKey MetricKey::FromProto(const tfma::MetricKey& proto) {
  MetricKey key;
  key.name = proto.name();
  key.model_name = proto.model_name();
  key.output_name = proto.output_name();
  if (proto.has_sub_key()) key.sub_key = SubKeyFromProto(proto.sub_key());
  const tfma::AggregationType& type = proto.aggregation_type();
  key.aggregation = type.micro_average()            ? Aggregation::kMicro
                    : type.macro_average()          ? Aggregation::kMacro
                    : type.weighted_macro_average() ? Aggregation::kWeightedMacro
                                                    : Aggregation::kNone;
  if (proto.has_example_weighted()) key.example_weighted = proto.example_weighted().value();
  key.is_diff = proto.is_diff();
  return key;
}

MetricKey MetricKey::FromPlotProto(const tfma::PlotKey& proto) {
  MetricKey key;
  key.name = proto.name();
  key.model_name = proto.model_name();
  key.output_name = proto.output_name();
  if (proto.has_sub_key()) key.sub_key = SubKeyFromProto(proto.sub_key());
  if (proto.has_example_weighted()) key.example_weighted = proto.example_weighted().value();
  return key;
}

std::string SliceValueString(const SliceValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<int64_t>(&value)) return fmt::format("{}", *number);
  const std::string text = fmt::format("{}", std::get<double>(value));
  return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

std::string SliceName(const SliceKey& key) {
  if (key.empty()) return "Overall";
  std::string columns, values;
  for (const auto& [column, value] : key) {
    columns += (columns.empty() ? "" : "_X_") + column;
    values += (&column == &key.front().first ? "" : "_X_") + SliceValueString(value);
  }
  return columns + ":" + values;
}

tfma::SliceKey SliceKeyToProto(const SliceKey& key) {
  tfma::SliceKey proto;
  for (const auto& [column, value] : key) {
    tfma::SingleSliceKey* single = proto.add_single_slice_keys();
    single->set_column(column);
    if (const auto* text = std::get_if<std::string>(&value)) {
      single->set_bytes_value(*text);
    } else if (const auto* number = std::get_if<int64_t>(&value)) {
      single->set_int64_value(*number);
    } else {
      single->set_float_value(static_cast<float>(std::get<double>(value)));
    }
  }
  return proto;
}

SliceKey SliceKeyFromProto(const tfma::SliceKey& proto) {
  SliceKey key;
  for (const tfma::SingleSliceKey& single : proto.single_slice_keys()) {
    switch (single.kind_case()) {
      case tfma::SingleSliceKey::kInt64Value:
        key.emplace_back(single.column(), static_cast<int64_t>(single.int64_value()));
        break;
      case tfma::SingleSliceKey::kFloatValue:
        key.emplace_back(single.column(), static_cast<double>(single.float_value()));
        break;
      default:
        key.emplace_back(single.column(), single.bytes_value());
    }
  }
  return key;
}

}  // namespace bessemer::evaluation
