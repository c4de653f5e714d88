#include <list>
#include <unordered_set>

#include "bessemer/columnar/short_form.h"
#include "bessemer/validation/check.h"
#include "bessemer/validation/quoted_text.h"

namespace bessemer::validation::string_domain {
namespace {

using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::StringDomain;
using Counts = std::vector<std::pair<std::string_view, double>>;

constexpr size_t kMaxValuesListed = 20;

Counts ValuesOutside(const schema::FeatureView& statistics, const StringDomain& domain) {
  std::unordered_set<std::string_view> known(domain.value().begin(), domain.value().end());
  std::list<std::string> short_forms;  // which statistics have of large values
  for (const std::string& value : domain.value()) {
    if (value.size() <= columnar::kLargeValueBytes) continue;
    known.insert(short_forms.emplace_back(columnar::ShortForm(value)));
  }
  Counts outside;
  for (const auto& value : statistics.StringCounts()) {
    if (!known.contains(value.first)) outside.push_back(value);
  }
  return outside;
}

std::string List(const Counts& outside, double total) {
  std::string text;
  for (size_t i = 0; i < std::min(outside.size(), kMaxValuesListed); ++i) {
    text += fmt::format("{}{}", i == 0 ? "" : ", ", QuotedText(outside[i].first));
    if (total > 0) text += fmt::format(" ({:.3g} %)", 100 * outside[i].second / total);
  }
  if (outside.size() > kMaxValuesListed) {
    text += fmt::format(" and {} more", outside.size() - kMaxValuesListed);
  }
  return text;
}

// True: the domain is to go.
bool CheckDomain(FeatureCheckContext& context, const StringDomain& domain,
                 const std::function<StringDomain*()>& edit) {
  const schema::FeatureView& statistics = context.statistics;
  if (statistics.has_invalid_utf8()) {
    context.Report(AnomalyInfo::ENUM_TYPE_INVALID_UTF8, "Text that is not UTF-8",
                   fmt::format("Expected valid UTF-8; {} values are not.",
                               statistics.proto().string_stats().invalid_utf8_count()));
    return true;
  }
  const auto& constraints = context.feature().distribution_constraints();
  const double allowed = constraints.has_min_domain_mass() ? 1 - constraints.min_domain_mass() : 0;
  const Counts outside = ValuesOutside(statistics, domain);
  double mass = 0;
  for (const auto& value : outside) mass += value.second;
  const double total = statistics.total_num_values();
  int num_values = domain.value_size();
  if (mass / total > allowed || (allowed == 0 && !outside.empty())) {
    context.Report(
        AnomalyInfo::ENUM_TYPE_UNEXPECTED_STRING_VALUES, "Unexpected values",
        fmt::format("Expected one of {} known values{}; also saw {}.", domain.value_size(),
                    allowed > 0 ? fmt::format(" in all but a fraction of {:.3g}", allowed) : "",
                    List(outside, total)));
    StringDomain* edited = edit();
    for (const auto& value : outside) edited->add_value(std::string(value.first));
    num_values = edited->value_size();
  }
  const auto& limit = context.options.remove_domains_from_size;
  if (!limit.has_value() || num_values < *limit) return false;
  context.Report(AnomalyInfo::INVALID_DOMAIN_SPECIFICATION, "String domain is too large",
                 fmt::format("Expected fewer than {} values; the domain has {}.", *limit,
                             num_values));
  return true;
}

Status Run(FeatureCheckContext& context) {
  FeatureEntry& entry = context.entry;
  if (entry.feature.has_domain()) {
    const StringDomain& domain = *context.schema.FindDomain(entry.feature.domain());
    const auto edit = [&] { return &entry.domain.emplace(domain); };
    if (CheckDomain(context, domain, edit)) {
      entry.removed_domain = domain.name();
      entry.domain.reset();
      entry.feature.clear_domain();
    }
  } else {
    StringDomain* domain = entry.feature.mutable_string_domain();
    if (CheckDomain(context, *domain, [&] { return domain; })) entry.feature.clear_string_domain();
  }
  return OkStatus();
}

}  // namespace

void Register(CheckRegistry& registry) {
  registry.Add({.name = "string_domain",
                .doc = "Text values are valid UTF-8 and, up to the allowed share, among the values "
                       "of the domain (domain, string_domain, distribution_constraints)",
                .stage = Stage::kDomain,
                .finds = {AnomalyInfo::ENUM_TYPE_INVALID_UTF8,
                          AnomalyInfo::ENUM_TYPE_UNEXPECTED_STRING_VALUES,
                          AnomalyInfo::INVALID_DOMAIN_SPECIFICATION},
                .domains = {Feature::kDomain, Feature::kStringDomain},
                .feature = Run});
}

}  // namespace bessemer::validation::string_domain
