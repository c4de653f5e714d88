#include "bessemer/schema/schema_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "bessemer/schema/path.h"
#include "bessemer/schema/schema_model.h"

namespace bessemer::schema {

using ::google::protobuf::RepeatedPtrField;
using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::FeatureComparator;
using ::tensorflow::metadata::v0::Schema;
using ::tensorflow::metadata::v0::StringDomain;
using ::tensorflow::metadata::v0::ValueCount;

namespace {

std::string PresenceText(const Feature& feature) {
  const auto& presence = feature.presence();
  if (presence.min_fraction() >= 1) return "always";
  std::vector<std::string> parts;
  if (presence.min_fraction() > 0) {
    parts.push_back(fmt::format("{:g} %", 100 * presence.min_fraction()));
  }
  if (presence.min_count() > 0) parts.push_back(fmt::format("at least {}", presence.min_count()));
  return parts.empty() ? "optional" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string CountText(const ValueCount& count) {
  if (count.has_min() && count.has_max()) {
    return count.min() == count.max() ? fmt::format("{}", count.min())
                                      : fmt::format("{} to {}", count.min(), count.max());
  }
  if (count.has_min()) return fmt::format("≥ {}", count.min());
  if (count.has_max()) return fmt::format("≤ {}", count.max());
  return "any";
}

std::string ShapeText(const Feature& feature) {
  std::vector<std::string> parts;
  switch (feature.shape_type_case()) {
    case Feature::kShape:
      if (feature.shape().dim().empty()) return "scalar";
      for (const auto& dim : feature.shape().dim()) parts.push_back(fmt::format("{}", dim.size()));
      return fmt::format("[{}]", fmt::join(parts, ", "));
    case Feature::kValueCount:
      return CountText(feature.value_count());
    case Feature::kValueCounts:
      for (const ValueCount& level : feature.value_counts().value_count()) {
        parts.push_back(CountText(level));
      }
      return fmt::format("{}", fmt::join(parts, " of "));
    default:
      return "any";
  }
}

std::string ValuesText(const StringDomain& domain) {
  return fmt::format("{} values: {}", domain.value_size(), fmt::join(domain.value(), ", "));
}

template <typename Domain>
std::string RangeText(const Domain& domain, std::string_view name) {
  if (!domain.has_min() && !domain.has_max()) return std::string(name);
  return fmt::format("{} {} to {}", name, domain.has_min() ? fmt::format("{}", domain.min()) : "…",
                     domain.has_max() ? fmt::format("{}", domain.max()) : "…");
}

std::string DomainText(const Feature& feature, const Schema& schema) {
  switch (feature.domain_info_case()) {
    case Feature::DOMAIN_INFO_NOT_SET:
    case Feature::kStructDomain:
      return "";
    case Feature::kDomain:
      for (const StringDomain& domain : schema.string_domain()) {
        if (domain.name() == feature.domain()) return ValuesText(domain);
      }
      return fmt::format("missing domain {}", feature.domain());
    case Feature::kStringDomain:
      return ValuesText(feature.string_domain());
    case Feature::kIntDomain:
      return RangeText(feature.int_domain(), "int");
    case Feature::kFloatDomain:
      return RangeText(feature.float_domain(), "float");
    case Feature::kBoolDomain: {
      const auto& domain = feature.bool_domain();
      if (!domain.has_true_value() && !domain.has_false_value()) return "bool";
      return fmt::format("bool \"{}\" / \"{}\"", domain.true_value(), domain.false_value());
    }
    default: {
      std::string kind(DomainKind(feature));
      std::replace(kind.begin(), kind.end(), '_', ' ');
      return kind.substr(0, kind.size() - std::string_view(" domain").size());
    }
  }
}

std::string ComparatorText(std::string_view name, const FeatureComparator& comparator) {
  std::vector<std::string> parts;
  if (comparator.infinity_norm().has_threshold()) {
    parts.push_back(fmt::format("L∞ {:g}", comparator.infinity_norm().threshold()));
  }
  if (comparator.jensen_shannon_divergence().has_threshold()) {
    parts.push_back(fmt::format("JSD {:g}", comparator.jensen_shannon_divergence().threshold()));
  }
  if (comparator.normalized_abs_difference().has_threshold()) {
    parts.push_back(fmt::format("NAD {:g}", comparator.normalized_abs_difference().threshold()));
  }
  return parts.empty() ? "" : fmt::format("{} {}", name, fmt::join(parts, ", "));
}

std::string NotesText(const Feature& feature) {
  std::vector<std::string> parts;
  if (feature.has_lifecycle_stage()) {
    parts.push_back(
        ::tensorflow::metadata::v0::LifecycleStage_Name(feature.lifecycle_stage()));
  }
  if (!feature.in_environment().empty()) {
    parts.push_back(fmt::format("in {}", fmt::join(feature.in_environment(), ", ")));
  }
  if (!feature.not_in_environment().empty()) {
    parts.push_back(fmt::format("not in {}", fmt::join(feature.not_in_environment(), ", ")));
  }
  for (const std::string& text : {ComparatorText("drift", feature.drift_comparator()),
                                  ComparatorText("skew", feature.skew_comparator())}) {
    if (!text.empty()) parts.push_back(text);
  }
  if (feature.has_unique_constraints()) {
    parts.push_back(fmt::format("{} to {} distinct", feature.unique_constraints().min(),
                                feature.unique_constraints().max()));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

void AddSummaries(const Path& parent, const RepeatedPtrField<Feature>& features,
                  const Schema& schema, std::vector<FeatureSummary>* summaries) {
  for (const Feature& feature : features) {
    const Path path = parent.Child(feature.name());
    summaries->push_back({path.ToString(),
                          ::tensorflow::metadata::v0::FeatureType_Name(feature.type()),
                          PresenceText(feature), ShapeText(feature), DomainText(feature, schema),
                          NotesText(feature)});
    AddSummaries(path, feature.struct_domain().feature(), schema, summaries);
  }
}

// Columns on a terminal: code points, near enough.
size_t Width(std::string_view text) {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), begins));
}

std::string Padded(const std::string& text, size_t width) {
  return text + std::string(width - std::min(width, Width(text)), ' ');
}

std::string Cut(const std::string& text, size_t width) {
  if (Width(text) <= width) return text;
  size_t columns = 0;
  size_t end = 0;
  while (end < text.size() && columns + 1 < width) {
    ++end;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) ++end;
    ++columns;
  }
  return text.substr(0, end) + "…";
}

}  // namespace

std::vector<FeatureSummary> Summarise(const Schema& schema) {
  std::vector<FeatureSummary> summaries;
  AddSummaries(Path(), schema.feature(), schema, &summaries);
  for (const auto& sparse : schema.sparse_feature()) {
    std::vector<std::string> indices;
    for (const auto& index : sparse.index_feature()) indices.push_back(index.name());
    summaries.push_back({Path({sparse.name()}).ToString(), "sparse", "", "",
                         fmt::format("{} at {}", sparse.value_feature().name(),
                                     fmt::join(indices, ", ")),
                         IsInactive(sparse) ? "inactive" : ""});
  }
  for (const auto& weighted : schema.weighted_feature()) {
    summaries.push_back({Path({weighted.name()}).ToString(), "weighted", "", "",
                         fmt::format("{} by {}", Path::FromProto(weighted.feature()).ToString(),
                                     Path::FromProto(weighted.weight_feature()).ToString()),
                         IsInactive(weighted) ? "inactive" : ""});
  }
  return summaries;
}

std::string SchemaTable(const Schema& schema, int width) {
  using Field = std::string FeatureSummary::*;
  constexpr std::pair<const char*, Field> kColumns[] = {
      {"feature", &FeatureSummary::path},   {"type", &FeatureSummary::type},
      {"presence", &FeatureSummary::presence}, {"values", &FeatureSummary::shape},
      {"notes", &FeatureSummary::notes},    {"domain", &FeatureSummary::domain}};
  const std::vector<FeatureSummary> summaries = Summarise(schema);
  std::vector<size_t> widths;
  size_t used = 0;
  for (const auto& [title, field] : kColumns) {
    size_t widest = Width(title);
    for (const FeatureSummary& summary : summaries) {
      widest = std::max(widest, Width(summary.*field));
    }
    widths.push_back(widest);
    if (field != &FeatureSummary::domain) used += widest + 2;
  }
  const size_t domain_width = std::max<size_t>(24, width - std::min<size_t>(used, width));
  std::string table;
  const auto add_line = [&](const auto& cell) {
    std::string line;
    for (size_t i = 0; i + 1 < std::size(kColumns); ++i) line += Padded(cell(i), widths[i]) + "  ";
    line += Cut(cell(std::size(kColumns) - 1), domain_width);
    table += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  };
  add_line([&](size_t i) { return std::string(kColumns[i].first); });
  for (const FeatureSummary& summary : summaries) {
    add_line([&](size_t i) { return summary.*(kColumns[i].second); });
  }
  return table;
}

}  // namespace bessemer::schema
