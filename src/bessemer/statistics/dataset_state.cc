#include "bessemer/statistics/dataset_state.h"

#include <algorithm>
#include <optional>
#include <set>

#include "bessemer/base/json_text.h"
#include "bessemer/io/crc32c.h"
#include "bessemer/io/file.h"
#include "bessemer/io/staged_file.h"
#include "bessemer/proto/serialize.h"
#include "bessemer/statistics/batch_view.h"
#include "bessemer/statistics/sampled_rows.h"
#include "bessemer/statistics/slicing.h"
#include "bessemer/statistics/statistics_view.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics {
namespace {

using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using ::tensorflow::metadata::v0::FeatureNameStatistics;

constexpr std::string_view kMagic = "BSTATS2\n";
constexpr size_t kMagicOfAllVersions = 6;
constexpr size_t kCrcBytes = 4;

const StatisticRegistry& Statistics() {
  static const StatisticRegistry* const registry = [] {
    auto* all = new StatisticRegistry("statistic");
    RegisterPlugins(*all);
    return all;
  }();
  return *registry;
}

std::string CrcBytes(std::string_view data) {
  const uint32_t crc = io::MaskCrc(io::Crc32c(data));
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<char>(crc >> (8 * i)));
  return bytes;
}

std::string Checksum(std::string_view data) {
  std::string crcs;
  for (; !data.empty(); data.remove_prefix(std::min(data.size(), StateWriter::kBlockBytes))) {
    crcs += CrcBytes(data.substr(0, StateWriter::kBlockBytes));
  }
  return CrcBytes(crcs);
}

// "num_top_values (20, 5), the schema".
std::string Differences(const StatisticsOptions& a, const StatisticsOptions& b) {
  std::vector<std::string> names;
  const Json of_a = OptionsToJson(a);
  const Json of_b = OptionsToJson(b);
  for (const auto& [name, value] : of_a.items()) {
    if (value == of_b.at(name)) continue;
    names.push_back(fmt::format("{} ({}, {})", name, JsonText(value), JsonText(of_b.at(name))));
  }
  const auto schema = [](const StatisticsOptions& options) {
    return options.schema == nullptr ? std::string() : proto::Serialize(*options.schema);
  };
  if (schema(a) != schema(b)) names.emplace_back("the schema");
  const auto rules = [](const StatisticsOptions& options) {
    std::vector<std::string> texts;
    for (const RowConditionSpec& rule : options.row_conditions) texts.push_back(rule.text);
    return texts;
  };
  if (rules(a) != rules(b)) names.emplace_back("the rules over rows");
  if (names.empty()) names.emplace_back("statistics of a program's own");
  return fmt::format("{}", fmt::join(names, ", "));
}

void SortFeatures(DatasetFeatureStatistics* dataset) {
  auto* features = dataset->mutable_features();
  std::stable_sort(features->pointer_begin(), features->pointer_end(),
                   [](const FeatureNameStatistics* a, const FeatureNameStatistics* b) {
                     return PathOf(*a) < PathOf(*b);
                   });
}

}  // namespace

FeatureNameStatistics* MutableFeature(const FeaturePath& path, DatasetFeatureStatistics* dataset) {
  for (FeatureNameStatistics& feature : *dataset->mutable_features()) {
    if (std::equal(path.begin(), path.end(), feature.path().step().begin(),
                   feature.path().step().end())) {
      return &feature;
    }
  }
  FeatureNameStatistics* feature = dataset->add_features();
  for (const std::string& step : path) feature->mutable_path()->add_step(step);
  return feature;
}

DatasetStatisticsState::DatasetStatisticsState(const StatisticsOptions& options)
    : options_(std::make_unique<const StatisticsOptions>(options)) {
  for (const Statistic& statistic : Statistics().entries()) {
    if (statistic.make(*options_) != nullptr) statistics_.push_back(&statistic);
  }
  for (const auto& statistic : options_->custom_statistics) {
    if (statistic->make(*options_) != nullptr) statistics_.push_back(statistic.get());
  }
  whole_ = NewAccumulators();
}

DatasetStatisticsState::DatasetStatisticsState(DatasetStatisticsState&&) noexcept = default;
DatasetStatisticsState& DatasetStatisticsState::operator=(DatasetStatisticsState&&) noexcept =
    default;
DatasetStatisticsState::~DatasetStatisticsState() = default;

StatusOr<DatasetStatisticsState> DatasetStatisticsState::Make(const StatisticsOptions& options) {
  BESSEMER_RETURN_IF_ERROR(Statistics().status());
  BESSEMER_RETURN_IF_ERROR(options.Validate());
  std::set<std::string> names;
  for (const auto& statistic : options.custom_statistics) {
    if (statistic == nullptr || !statistic->make || statistic->name.empty()) {
      return InvalidArgumentError("a custom statistic needs a name and a function 'make'");
    }
    if (Statistics().Find(statistic->name).ok() || !names.insert(statistic->name).second) {
      return AlreadyExistsError("custom statistic '{}': the name is taken", statistic->name);
    }
  }
  return DatasetStatisticsState(options);
}

DatasetStatisticsState::Accumulators DatasetStatisticsState::NewAccumulators() const {
  Accumulators accumulators;
  for (const Statistic* statistic : statistics_) accumulators.push_back(statistic->make(*options_));
  return accumulators;
}

bool DatasetStatisticsState::TakesColumnParts(const StatisticsOptions& options) {
  const double semantic_rate =
      options.enable_semantic_domain_stats ? options.semantic_domain_stats_sample_rate : 1;
  if (!options.slices.empty() || options.sample_rate < 1 || semantic_rate < 1 ||
      !options.weight_feature.empty() || !options.per_feature_weight_override.empty()) {
    return false;
  }
  const auto takes = [&options](const Statistic& statistic) {
    return statistic.by_column || statistic.make(options) == nullptr;
  };
  const auto& all = Statistics().entries();
  const auto& custom = options.custom_statistics;
  return std::all_of(all.begin(), all.end(), takes) &&
         std::all_of(custom.begin(), custom.end(),
                     [&takes](const auto& statistic) { return takes(*statistic); });
}

Status DatasetStatisticsState::UpdateSlice(const arrow::RecordBatch& batch, ColumnPart part,
                                           Accumulators* accumulators) {
  BESSEMER_ASSIGN_OR_RETURN(const BatchView view, BatchView::Make(batch, *options_, part));
  // What the semantic domains look at.
  std::shared_ptr<arrow::RecordBatch> sampled;
  std::optional<BatchView> sampled_view;
  if (options_->enable_semantic_domain_stats && options_->semantic_domain_stats_sample_rate < 1) {
    BESSEMER_ASSIGN_OR_RETURN(
        sampled, SampleRows(batch, options_->semantic_domain_stats_sample_rate,
                            options_->sample_seed + 1));
    BESSEMER_ASSIGN_OR_RETURN(sampled_view, BatchView::Make(*sampled, *options_, part));
  }
  for (size_t i = 0; i < accumulators->size(); ++i) {
    const bool sample = sampled_view && statistics_[i]->semantic_domain;
    BESSEMER_RETURN_IF_ERROR((*accumulators)[i]->Update(sample ? *sampled_view : view));
  }
  return OkStatus();
}

Status DatasetStatisticsState::Update(const arrow::RecordBatch& batch, ColumnPart part) {
  const arrow::RecordBatch* rows = &batch;
  std::shared_ptr<arrow::RecordBatch> sampled;
  if (options_->sample_rate < 1) {
    BESSEMER_ASSIGN_OR_RETURN(
        sampled, SampleRows(batch, options_->sample_rate, options_->sample_seed));
    rows = sampled.get();
  }
  BESSEMER_RETURN_IF_ERROR(UpdateSlice(*rows, part, &whole_));
  for (const SliceSpec& spec : options_->slices) {
    BESSEMER_ASSIGN_OR_RETURN(const auto cut, SliceRows(*rows, spec, options_->tfdv_compat));
    for (const auto& [name, slice] : cut) {
      auto it = slices_.find(name);
      if (it == slices_.end()) it = slices_.emplace(name, NewAccumulators()).first;
      BESSEMER_RETURN_IF_ERROR(UpdateSlice(*slice, part, &it->second));
    }
  }
  return OkStatus();
}

Status DatasetStatisticsState::Merge(const DatasetStatisticsState& other) {
  if (options_->Serialize() != other.options_->Serialize()) {
    return FailedPreconditionError(
        "statistics made with different options cannot be merged; generate both with the same. "
        "They differ in {}",
        Differences(*options_, *other.options_));
  }
  const auto merge = [](const Accumulators& from, Accumulators* into) {
    for (size_t i = 0; i < from.size(); ++i) {
      BESSEMER_RETURN_IF_ERROR((*into)[i]->Merge(*from[i]));
    }
    return OkStatus();
  };
  BESSEMER_RETURN_IF_ERROR(merge(other.whole_, &whole_));
  for (const auto& [name, accumulators] : other.slices_) {
    auto it = slices_.find(name);
    if (it == slices_.end()) it = slices_.emplace(name, NewAccumulators()).first;
    BESSEMER_RETURN_IF_ERROR(merge(accumulators, &it->second));
  }
  return OkStatus();
}

Status DatasetStatisticsState::Write(const std::function<Status(std::string_view)>& sink) const {
  std::string crcs;
  StateWriter out([&](std::string_view block) {
    crcs += CrcBytes(block);
    return sink(block);
  });
  out.Raw(kMagic);
  out.Bytes(options_->Serialize());
  const auto save = [&out](const Accumulators& accumulators) {
    for (const auto& accumulator : accumulators) accumulator->Save(&out);
  };
  save(whole_);
  out.Varint(slices_.size());
  for (const auto& [name, accumulators] : slices_) {
    out.Bytes(name);
    save(accumulators);
  }
  BESSEMER_RETURN_IF_ERROR(out.Flush());
  return sink(CrcBytes(crcs));
}

std::string DatasetStatisticsState::Save() const {
  std::string bytes;
  status_ = Write([&bytes](std::string_view block) {
    bytes.append(block);
    return OkStatus();
  });
  return bytes;
}

Status DatasetStatisticsState::SaveFile(const std::string& path) const {
  io::StagedFile staged = io::StagedFile::Create(path);
  const auto write = [&]() -> Status {
    BESSEMER_ASSIGN_OR_RETURN(const auto file, io::OpenOutput(staged.path()));
    BESSEMER_RETURN_IF_ERROR(Write([&](std::string_view block) { return file->Write(block); }));
    BESSEMER_RETURN_IF_ERROR(file->Close());
    return staged.Publish();
  };
  status_ = staged.Explain(write());
  return status_;
}

bool DatasetStatisticsState::IsState(std::string_view bytes) {
  return bytes.starts_with(kMagic.substr(0, kMagicOfAllVersions));
}

StatusOr<DatasetStatisticsState> DatasetStatisticsState::Load(
    std::string_view bytes, const std::vector<std::shared_ptr<const Statistic>>& custom) {
  if (bytes.size() < kMagic.size() + kCrcBytes || !bytes.starts_with(kMagic)) {
    return DataLossError("this is not a statistics state, or one of another version");
  }
  const std::string_view checked = bytes.substr(0, bytes.size() - kCrcBytes);
  if (Checksum(checked) != bytes.substr(checked.size())) {
    return DataLossError(
        "the statistics state is damaged or cut off (its checksum differs); generate it again");
  }
  StateReader in(checked.substr(kMagic.size()));
  BESSEMER_ASSIGN_OR_RETURN(const StatisticsOptions saved,
                            StatisticsOptions::Parse(in.Bytes(), custom));
  BESSEMER_ASSIGN_OR_RETURN(DatasetStatisticsState state, Make(saved));
  const auto load = [&in](Accumulators* accumulators) {
    for (const auto& accumulator : *accumulators) accumulator->Load(&in);
  };
  load(&state.whole_);
  for (uint64_t i = in.Count(); i > 0 && in.status().ok(); --i) {
    const std::string name(in.Bytes());
    load(&(state.slices_[name] = state.NewAccumulators()));
  }
  if (in.status().ok() && !in.at_end()) in.Fail("there is more than was expected");
  BESSEMER_RETURN_IF_ERROR(in.status());
  return state;
}

DatasetFeatureStatisticsList DatasetStatisticsState::Finish() const {
  DatasetFeatureStatisticsList list;
  const auto finish = [&](const std::string& name, const Accumulators& accumulators) {
    DatasetFeatureStatistics* dataset = list.add_datasets();
    dataset->set_name(name);
    for (const auto& accumulator : accumulators) accumulator->Finish(dataset);
    for (const auto& accumulator : accumulators) status_.Update(accumulator->status());
    SortFeatures(dataset);
  };
  status_ = OkStatus();
  finish(options_->slices.empty() ? "" : "All Examples", whole_);
  for (const auto& [name, accumulators] : slices_) finish(name, accumulators);
  return list;
}

}  // namespace bessemer::statistics
