#include "bessemer/report/schema_json.h"

#include <fmt/format.h>

#include <vector>

#include "bessemer/report/page.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"

namespace bessemer::report {
namespace {

namespace tfmd = ::tensorflow::metadata::v0;

constexpr int kMaxShownValues = 12;

struct Row {
  std::string path, type, presence, valency, domain, notes;
};

std::string Presence(const tfmd::Feature& feature) {
  if (!feature.has_presence()) return "";
  const tfmd::FeaturePresence& presence = feature.presence();
  if (presence.min_fraction() >= 1) return "required";
  if (presence.min_fraction() > 0) {
    return fmt::format("in ≥ {:.4g} % of examples", presence.min_fraction() * 100);
  }
  if (presence.min_count() > 1) return fmt::format("≥ {} examples", presence.min_count());
  return "optional";
}

std::string Valency(const tfmd::ValueCount& count) {
  if (count.has_min() && count.has_max() && count.min() == count.max()) {
    return count.min() == 1 ? "one value" : fmt::format("{} values", count.min());
  }
  if (count.has_min() && count.has_max()) {
    return fmt::format("{} to {} values", count.min(), count.max());
  }
  if (count.has_max()) return fmt::format("≤ {} values", count.max());
  return count.min() > 0 ? fmt::format("≥ {} values", count.min()) : "any number";
}

std::string Valency(const tfmd::Feature& feature) {
  if (feature.has_shape()) {
    if (feature.shape().dim_size() == 0) return "one value";
    std::string text;
    for (const auto& dim : feature.shape().dim()) {
      text += (text.empty() ? "" : " × ") + std::to_string(dim.size());
    }
    return text == "1" ? "one value" : "shape " + text;
  }
  if (feature.has_value_count()) return Valency(feature.value_count());
  std::string text;
  for (const tfmd::ValueCount& count : feature.value_counts().value_count()) {
    text += (text.empty() ? "" : " of ") + Valency(count);
  }
  return text;
}

template <typename Domain>
std::string Range(const Domain& domain) {
  if (domain.has_min() && domain.has_max()) {
    return fmt::format("in [{}, {}]", domain.min(), domain.max());
  }
  if (domain.has_min()) return fmt::format("≥ {}", domain.min());
  if (domain.has_max()) return fmt::format("≤ {}", domain.max());
  return "";
}

std::string Values(const tfmd::StringDomain& domain) {
  std::string text =
      fmt::format("{} value{}", domain.value_size(), domain.value_size() == 1 ? "" : "s");
  for (int i = 0; i < domain.value_size() && i < kMaxShownValues; ++i) {
    text += (i == 0 ? ": " : ", ") + Shortened(domain.value(i), 40);
  }
  return domain.value_size() > kMaxShownValues ? text + ", …" : text;
}

std::string Domain(const tfmd::Feature& feature, const tfmd::Schema& schema) {
  switch (feature.domain_info_case()) {
    case tfmd::Feature::kDomain:
      for (const tfmd::StringDomain& domain : schema.string_domain()) {
        if (domain.name() == feature.domain()) return Values(domain);
      }
      return "domain '" + feature.domain() + "', which the schema does not define";
    case tfmd::Feature::kIntDomain: {
      const std::string range = Range(feature.int_domain());
      if (!feature.int_domain().is_categorical()) return range;
      return range.empty() ? "categorical" : "categorical, " + range;
    }
    case tfmd::Feature::kFloatDomain: {
      std::string text = Range(feature.float_domain());
      if (feature.float_domain().disallow_nan()) text += text.empty() ? "no NaN" : ", no NaN";
      if (feature.float_domain().disallow_inf()) text += text.empty() ? "finite" : ", finite";
      return text;
    }
    case tfmd::Feature::kStringDomain: return Values(feature.string_domain());
    case tfmd::Feature::kBoolDomain: return "boolean";
    case tfmd::Feature::kNaturalLanguageDomain: return "natural language";
    case tfmd::Feature::kImageDomain: return "image";
    case tfmd::Feature::kMidDomain: return "knowledge graph id";
    case tfmd::Feature::kUrlDomain: return "URL";
    case tfmd::Feature::kTimeDomain: return "time";
    case tfmd::Feature::kTimeOfDayDomain: return "time of day";
    default: return "";
  }
}

std::string Joined(std::string_view title,
                   const google::protobuf::RepeatedPtrField<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : ", ") + value;
  return text.empty() ? "" : fmt::format("{} {}", title, text);
}

std::string Comparator(std::string_view title, const tfmd::FeatureComparator& comparator) {
  std::string text;
  const auto add = [&](std::string_view measure, bool present, double threshold) {
    if (present)
      text += fmt::format("{}{} {} ≤ {:g}", text.empty() ? "" : ", ", title, measure, threshold);
  };
  add("L∞", comparator.infinity_norm().has_threshold(), comparator.infinity_norm().threshold());
  add("JSD", comparator.jensen_shannon_divergence().has_threshold(),
      comparator.jensen_shannon_divergence().threshold());
  add("normalised absolute difference", comparator.normalized_abs_difference().has_threshold(),
      comparator.normalized_abs_difference().threshold());
  return text;
}

std::string Notes(const tfmd::Feature& feature) {
  std::string text;
  const auto add = [&](const std::string& note) {
    if (!note.empty()) text += (text.empty() ? "" : "; ") + note;
  };
  if (feature.has_lifecycle_stage()) {
    add(tfmd::LifecycleStage_Name(feature.lifecycle_stage()));
  }
  add(Joined("in environment", feature.in_environment()));
  add(Joined("not in environment", feature.not_in_environment()));
  if (feature.has_distribution_constraints()) {
    add(fmt::format("domain mass ≥ {:g}", feature.distribution_constraints().min_domain_mass()));
  }
  add(Comparator("drift", feature.drift_comparator()));
  add(Comparator("skew", feature.skew_comparator()));
  if (feature.has_unique_constraints()) {
    add(fmt::format("{} to {} different values", feature.unique_constraints().min(),
                    feature.unique_constraints().max()));
  }
  return text;
}

// Structs nest; the depth is bounded so that a hostile schema cannot exhaust the stack.
constexpr int kMaxDepth = 64;

void AddRows(const google::protobuf::RepeatedPtrField<tfmd::Feature>& features,
             const std::string& prefix, const tfmd::Schema& schema, int depth,
             std::vector<Row>& rows) {
  for (const tfmd::Feature& feature : features) {
    const std::string path = prefix + feature.name();
    rows.push_back({path, tfmd::FeatureType_Name(feature.type()), Presence(feature),
                    Valency(feature), Domain(feature, schema), Notes(feature)});
    if (feature.has_struct_domain() && depth < kMaxDepth) {
      AddRows(feature.struct_domain().feature(), path + ".", schema, depth + 1, rows);
    }
  }
}

std::vector<Row> Rows(const tfmd::Schema& schema) {
  std::vector<Row> rows;
  AddRows(schema.feature(), "", schema, 0, rows);
  for (const tfmd::SparseFeature& sparse : schema.sparse_feature()) {
    std::string indices;
    for (const auto& index : sparse.index_feature()) {
      indices += (indices.empty() ? "" : ", ") + index.name();
    }
    rows.push_back({sparse.name(), "SPARSE", "", "", "",
                    fmt::format("values {}, indices {}", sparse.value_feature().name(), indices)});
  }
  for (const tfmd::WeightedFeature& weighted : schema.weighted_feature()) {
    rows.push_back({weighted.name(), "WEIGHTED", "", "", "", ""});
  }
  return rows;
}

}  // namespace

Json SchemaJson(const tfmd::Schema& schema) {
  Json list = Json::array();
  for (Row& row : Rows(schema)) {
    list.push_back({{"path", row.path},
                    {"type", row.type},
                    {"presence", row.presence},
                    {"valency", row.valency},
                    {"domain", row.domain},
                    {"notes", row.notes}});
  }
  return list;
}

std::map<std::string, std::string> SchemaSentences(const tfmd::Schema& schema) {
  std::map<std::string, std::string> sentences;
  for (const Row& row : Rows(schema)) {
    std::string& text = sentences[row.path];
    text = row.type;
    for (const std::string* part : {&row.presence, &row.valency, &row.domain, &row.notes}) {
      if (!part->empty()) text += ", " + *part;
    }
  }
  return sentences;
}

}  // namespace bessemer::report
