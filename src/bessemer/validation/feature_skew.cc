#include "bessemer/validation/feature_skew.h"

#include <arrow/type.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>

#include "bessemer/base/nearest_name.h"
#include "bessemer/base/parallel.h"
#include "bessemer/example_gen/row_records.h"
#include "bessemer/io/publish.h"
#include "bessemer/io/tfrecord.h"
#include "bessemer/proto/serialize.h"
#include "bessemer/validation/one_block.h"
#include "bessemer/validation/record_partitions.h"
#include "bessemer/validation/skew_counter.h"

namespace bessemer::validation {

namespace {

// A folder of its own, removed at the end.
class ScratchFolder {
 public:
  static StatusOr<std::unique_ptr<ScratchFolder>> Create(const std::string& parent) {
    const std::string place = parent.empty() ? io::TemporaryFolder() : parent;
    std::string path = io::JoinPath(place, "bessemer-skew-XXXXXX");
    if (mkdtemp(path.data()) == nullptr) {
      return UnavailableError("cannot make a folder in '{}' for rows that do not fit into memory",
                              place);
    }
    return std::make_unique<ScratchFolder>(std::move(path));
  }
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
  ~ScratchFolder() { io::RemoveTree(path_).IgnoreError(); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Which features there are: those of the columns, of the first row of each block, and those that
// are looked for.
class SeenNames {
 public:
  void Add(const std::string& name) {
    const std::lock_guard lock(mutex_);
    names_.insert(name);
  }
  void Add(const RowBlocks& rows) {
    for (const auto& input : rows.inputs) {
      if (input->schema() == nullptr) continue;
      for (const auto& field : input->schema()->fields()) {
        // A struct is the features of its fields, whose names its rows tell.
        const arrow::DataType* type = field->type().get();
        while (type->num_fields() == 1 && type->id() != arrow::Type::STRUCT) {
          type = type->field(0)->type().get();
        }
        if (type->num_fields() == 0) names_.insert(field->name());
      }
    }
  }
  bool Has(const std::string& name) {
    const std::lock_guard lock(mutex_);
    return names_.contains(name);
  }
  // Once all rows are read.
  const std::set<std::string>& names() const { return names_; }

 private:
  std::mutex mutex_;
  std::set<std::string> names_;
};

// The names of the options that a block has not shown yet.
class NameSearch {
 public:
  NameSearch(const FeatureSkewOptions& options, SeenNames* seen) : seen_(seen) {
    if (!options.names_must_exist) return;
    for (const auto* names :
         {&options.identifiers, &options.ignored, &options.confusion_features}) {
      for (const std::string& name : *names) {
        if (!seen->Has(name)) missing_.push_back(name);
      }
    }
  }
  void Look(const std::vector<RecordFeature>& features) {
    if (missing_.empty()) return;
    if (is_first_) {
      for (const RecordFeature& feature : features) seen_->Add(std::string(feature.name));
    }
    is_first_ = false;
    std::erase_if(missing_, [&](const std::string& name) {
      if (FindByName(features, name) == nullptr) return false;
      seen_->Add(name);
      return true;
    });
  }

 private:
  SeenNames* seen_;
  std::vector<std::string> missing_;
  bool is_first_ = true;
};

Status CheckNames(const FeatureSkewOptions& options, const std::set<std::string>& known) {
  if (!options.names_must_exist || known.empty()) return OkStatus();
  for (const auto* names : {&options.identifiers, &options.ignored, &options.confusion_features}) {
    for (const std::string& name : *names) {
      if (known.contains(name)) continue;
      return InvalidArgumentError("no row has a feature '{}'{}", name,
                                  SuggestName(name, {known.begin(), known.end()}));
    }
  }
  return OkStatus();
}

struct Side {
  RowBlocks rows;
  std::unique_ptr<RecordPartitions> partitions;
  std::atomic<int64_t> num_missing = 0;

  explicit Side(RowBlocks blocks) : rows(std::move(blocks)) {}
};

// The key of a row: the values of its identifiers, each behind its length. False: it lacks one.
bool MakeKey(const std::vector<RecordFeature>& features, const FeatureSkewOptions& options,
             const std::vector<std::string>& identifiers, std::string* key) {
  key->clear();
  std::string rounded;
  for (const std::string& name : identifiers) {
    const RecordFeature* feature = FindByName(features, name);
    if (feature == nullptr || ValuesOf(feature->value).empty()) return false;
    std::string_view value = feature->value;
    if (options.float_round_digits.has_value()) {
      value = RoundFloats(value, *options.float_round_digits, &rounded);
    }
    const auto size = static_cast<uint32_t>(value.size());
    key->append(reinterpret_cast<const char*>(&size), sizeof(size));
    key->append(value);
  }
  return true;
}

Status ReadBlock(const OneBlock& block, const FeatureSkewOptions& options,
                 const std::vector<std::string>& identifiers, SeenNames* seen, Side* side) {
  std::vector<RecordFeature> features;
  NameSearch search(options, seen);
  std::string key;
  int64_t num_rows = 0;
  const auto visit = [&](std::string_view record) -> Status {
    if (++num_rows % 4096 == 0) {
      options.progress->Advance(4096);
      if (options.progress->cancelled()) return CancelledError("interrupted");
    }
    BESSEMER_RETURN_IF_ERROR(SplitRecord(record, &features));
    search.Look(features);
    if (MakeKey(features, options, identifiers, &key)) return side->partitions->Add(key, record);
    ++side->num_missing;
    return OkStatus();
  };
  BESSEMER_RETURN_IF_ERROR(
      example_gen::VisitRowRecords(block, example_gen::MissingCell::kOmit, visit));
  options.progress->Advance(num_rows % 4096);
  return OkStatus();
}

Status ComparePartition(int partition, Side& base, Side& test, SkewCounter* counter) {
  BESSEMER_ASSIGN_OR_RETURN(const auto base_rows, base.partitions->Take(partition));
  BESSEMER_ASSIGN_OR_RETURN(const auto test_rows, test.partitions->Take(partition));
  using Entry = RecordPartitions::Entry;
  const auto by_key = [](const Entry& a, const Entry& b) { return a.key < b.key; };
  std::sort(base_rows->entries.begin(), base_rows->entries.end(), by_key);
  std::sort(test_rows->entries.begin(), test_rows->entries.end(), by_key);
  auto b = base_rows->entries.begin();
  auto t = test_rows->entries.begin();
  const auto take = [](std::string_view key, auto* at, const auto end) {
    std::vector<std::string_view> records;
    for (; *at != end && (*at)->key == key; ++*at) records.push_back((*at)->record);
    return records;
  };
  while (b != base_rows->entries.end() || t != test_rows->entries.end()) {
    const bool from_base =
        t == test_rows->entries.end() || (b != base_rows->entries.end() && b->key < t->key);
    const std::string_view key = from_base ? b->key : t->key;
    const auto in_base = take(key, &b, base_rows->entries.end());
    const auto in_test = take(key, &t, test_rows->entries.end());
    BESSEMER_RETURN_IF_ERROR(counter->AddGroup(key, in_base, in_test));
  }
  return OkStatus();
}

Status CheckOptions(const FeatureSkewOptions& options) {
  if (options.identifiers.empty()) {
    return InvalidArgumentError("no identifiers: name the features by which rows belong together");
  }
  if (options.sample_size < 0) {
    return InvalidArgumentError("the sample size is {}: it must not be negative",
                                options.sample_size);
  }
  return OkStatus();
}

// More partitions for more data, so that one of each side and thread fits into memory.
int NumPartitions(const Side& base, const Side& test, int64_t memory_bytes) {
  int64_t total = 0;
  for (const Side* side : {&base, &test}) {
    for (const OneBlock& block : side->rows.blocks) total += block.block_bytes(0) * 3;
  }
  return static_cast<int>(std::clamp<int64_t>(total * 8 / std::max<int64_t>(memory_bytes, 1), 16,
                                              256));
}

StatusOr<FeatureSkewResult> Detect(Side& base, Side& test, const FeatureSkewOptions& options) {
  BESSEMER_RETURN_IF_ERROR(CheckOptions(options));
  std::vector<std::string> identifiers = options.identifiers;
  std::sort(identifiers.begin(), identifiers.end());
  identifiers.erase(std::unique(identifiers.begin(), identifiers.end()), identifiers.end());
  BESSEMER_ASSIGN_OR_RETURN(const auto scratch, ScratchFolder::Create(options.scratch_dir));
  const int num_partitions = NumPartitions(base, test, options.memory_bytes);
  for (Side* side : {&base, &test}) {
    side->partitions = std::make_unique<RecordPartitions>(
        num_partitions, options.memory_bytes / 2,
        io::JoinPath(scratch->path(), side == &base ? "base" : "test"));
  }
  const size_t num_base = base.rows.blocks.size();
  SeenNames seen;
  seen.Add(base.rows);
  seen.Add(test.rows);
  options.progress->Start("reading", 0, "rows");
  BESSEMER_RETURN_IF_ERROR(ParallelFor(
      static_cast<int64_t>(num_base + test.rows.blocks.size()), options.num_threads,
      [&](int64_t i) {
        const auto block = static_cast<size_t>(i);
        return block < num_base
                   ? ReadBlock(base.rows.blocks[block], options, identifiers, &seen, &base)
                   : ReadBlock(test.rows.blocks[block - num_base], options, identifiers, &seen,
                               &test);
      }));
  BESSEMER_RETURN_IF_ERROR(CheckNames(options, seen.names()));
  std::vector<std::unique_ptr<SkewCounter>> counters;
  for (int i = 0; i < num_partitions; ++i) {
    counters.push_back(std::make_unique<SkewCounter>(options));
  }
  BESSEMER_RETURN_IF_ERROR(ParallelFor(num_partitions, options.num_threads, [&](int64_t i) {
    SkewCounter* counter = counters[static_cast<size_t>(i)].get();
    return ComparePartition(static_cast<int>(i), base, test, counter);
  }));
  SkewCounter total(options);
  total.AddMissing(base.num_missing, test.num_missing);
  for (auto& counter : counters) total.Merge(std::move(*counter));
  return std::move(total).Finish();
}

}  // namespace

StatusOr<FeatureSkewResult> DetectFeatureSkew(const std::vector<std::string>& base_files,
                                              const std::vector<std::string>& test_files,
                                              const FeatureSkewOptions& options) {
  BESSEMER_RETURN_IF_ERROR(CheckOptions(options));
  const auto open = [&](const std::vector<std::string>& files) {
    return RowBlocks::Open(files, options.num_threads, options.scratch_dir,
                           example_gen::OnBadRow::kFail);
  };
  BESSEMER_ASSIGN_OR_RETURN(RowBlocks base_rows, open(base_files));
  BESSEMER_ASSIGN_OR_RETURN(RowBlocks test_rows, open(test_files));
  Side base(std::move(base_rows));
  Side test(std::move(test_rows));
  return Detect(base, test, options);
}

StatusOr<FeatureSkewResult> DetectFeatureSkew(std::unique_ptr<example_gen::RowInput> base_rows,
                                              std::unique_ptr<example_gen::RowInput> test_rows,
                                              const FeatureSkewOptions& options) {
  const auto side = [](std::unique_ptr<example_gen::RowInput> rows) {
    std::vector<std::unique_ptr<example_gen::RowInput>> inputs;
    inputs.push_back(std::move(rows));
    return RowBlocks::Of(std::move(inputs));
  };
  Side base(side(std::move(base_rows)));
  Side test(side(std::move(test_rows)));
  return Detect(base, test, options);
}

namespace {

template <typename Message>
Status WriteMessages(const std::vector<Message>& messages, const std::string& folder,
                     std::string_view name) {
  const std::string path = io::JoinPath(folder, fmt::format("{}-00000-of-00001", name));
  BESSEMER_ASSIGN_OR_RETURN(const auto writer,
                            io::TFRecordWriter::Open(path, io::Compression::kNone));
  for (const Message& message : messages) {
    BESSEMER_RETURN_IF_ERROR(writer->Write(proto::Serialize(message)));
  }
  return writer->Close();
}

}  // namespace

Status WriteFeatureSkew(const FeatureSkewResult& result, bool with_confusion,
                        const std::string& folder) {
  BESSEMER_RETURN_IF_ERROR(io::MakeDirectories(folder));
  BESSEMER_RETURN_IF_ERROR(WriteMessages(result.features, folder, "skew_stats"));
  BESSEMER_RETURN_IF_ERROR(WriteMessages(result.samples, folder, "sample_pairs"));
  BESSEMER_RETURN_IF_ERROR(WriteMessages(std::vector{result.match_stats}, folder, "match_stats"));
  return with_confusion ? WriteMessages(result.confusion, folder, "confusion") : OkStatus();
}

std::string FeatureSkewTable(const FeatureSkewResult& result) {
  std::vector<const ::tensorflow::data_validation::FeatureSkew*> features;
  size_t width = 7;
  for (const auto& feature : result.features) {
    features.push_back(&feature);
    width = std::max(width, feature.feature_name().size());
  }
  std::stable_sort(features.begin(), features.end(), [](const auto* a, const auto* b) {
    return a->diff_count() > b->diff_count();
  });
  std::string text = fmt::format("{:<{}}  {:>10}  {:>10}  {:>10}  {:>10}  {:>10}\n", "feature",
                                 width, "differ", "mismatch", "base only", "test only", "match");
  for (const auto* feature : features) {
    text += fmt::format("{:<{}}  {:>10}  {:>10}  {:>10}  {:>10}  {:>10}\n",
                        feature->feature_name(), width, feature->diff_count(),
                        feature->mismatch_count(), feature->base_only(), feature->test_only(),
                        feature->match_count());
  }
  const auto& match = result.match_stats;
  text += fmt::format(
      "{} identifiers, {} pairs; {} identifiers only in test, {} only in base, {} more than once; "
      "rows without identifier: {} in base, {} in test\n",
      match.identifiers_count(), match.matching_pairs_count(), match.ids_missing_in_base_count(),
      match.ids_missing_in_test_count(), match.duplicate_id_count(),
      match.base_missing_id_count(), match.test_missing_id_count());
  return text;
}

}  // namespace bessemer::validation
