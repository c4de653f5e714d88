#include "bessemer/example_gen/sequence_example.h"

#include <arrow/array.h>
#include <arrow/type.h>
#include <arrow/util/bit_util.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/columnar/utf8.h"
#include "bessemer/example_gen/feature_builder_internal.h"
#include "bessemer/example_gen/wire_internal.h"

namespace bessemer::example_gen {
namespace {

constexpr uint32_t kFeatureLists = wire::Tag(2, wire::kBytes);
constexpr uint32_t kFeatureListsEntry = wire::Tag(1, wire::kBytes);
constexpr uint32_t kFeatureListFeature = wire::Tag(1, wire::kBytes);

using Entries = std::vector<std::pair<std::string_view, std::string_view>>;

// Reads the map entries of a FeatureLists message.
bool ReadEntries(std::string_view lists, Entries* entries) {
  wire::Cursor in(lists);
  while (!in.AtEnd()) {
    uint32_t tag;
    std::string_view entry;
    if (!in.ReadTag(&tag)) return false;
    if (tag != kFeatureListsEntry) {
      if (!in.Skip(tag)) return false;
      continue;
    }
    if (!in.ReadBytes(&entry)) return false;
    entries->emplace_back();
    wire::Cursor fields(entry);
    while (!fields.AtEnd()) {
      if (!fields.ReadTag(&tag)) return false;
      const bool ok = tag == wire::kEntryKey     ? fields.ReadBytes(&entries->back().first)
                      : tag == wire::kEntryValue ? fields.ReadBytes(&entries->back().second)
                                                 : fields.Skip(tag);
      if (!ok) return false;
    }
  }
  return true;
}

// The column of one feature list: an array of steps, and where the rows begin in it.
class SequenceBuilder {
 public:
  SequenceBuilder(const std::string& name, ValueKind kind) : steps_(name, kind) {}

  bool seen() const { return !begins_.empty(); }
  const Status& status() const { return steps_.status(); }

  // False for malformed bytes, or with the reason in status().
  bool AppendRow(int64_t row, std::string_view feature_list) {
    SkipTo(row);
    begins_.push_back(static_cast<int32_t>(num_steps_));
    present_.push_back(1);
    wire::Cursor in(feature_list);
    while (!in.AtEnd()) {
      uint32_t tag;
      std::string_view feature;
      if (!in.ReadTag(&tag)) return false;
      if (tag != kFeatureListFeature) {
        if (!in.Skip(tag)) return false;
      } else if (num_steps_ == INT32_MAX || !in.ReadBytes(&feature) ||
                 !steps_.AppendFeature(num_steps_++, feature)) {
        return false;
      }
    }
    return true;
  }

  StatusOr<std::shared_ptr<arrow::Array>> Finish(int64_t num_rows) {
    SkipTo(num_rows);
    begins_.push_back(static_cast<int32_t>(num_steps_));
    BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::Array> steps, steps_.Finish(num_steps_));
    BESSEMER_ASSIGN_OR_RETURN_ARROW(std::shared_ptr<arrow::Buffer> validity,
                                    arrow::AllocateEmptyBitmap(num_rows));
    for (int64_t row = 0; row < num_rows; ++row) {
      if (present_[static_cast<size_t>(row)]) {
        arrow::bit_util::SetBit(validity->mutable_data(), row);
      }
    }
    auto array = std::make_shared<arrow::ListArray>(arrow::list(steps->type()), num_rows,
                                                    arrow::Buffer::FromVector(std::move(begins_)),
                                                    steps, std::move(validity));
    begins_ = {};
    present_.clear();
    num_steps_ = 0;
    return array;
  }

 private:
  void SkipTo(int64_t row) {
    begins_.resize(static_cast<size_t>(row), static_cast<int32_t>(num_steps_));
    present_.resize(static_cast<size_t>(row), 0);
  }

  FeatureBuilder steps_;
  int64_t num_steps_ = 0;
  std::vector<int32_t> begins_;
  std::vector<uint8_t> present_;
};

ExampleDecoderOptions ContextOptions(const std::optional<SequenceFeatures>& features) {
  ExampleDecoderOptions options;
  if (features) options.features = features->context;
  return options;
}

}  // namespace

struct SequenceExampleDecoder::Impl {
  explicit Impl(const std::optional<SequenceFeatures>& features)
      : fixed(features.has_value()), context(ContextOptions(features)) {
    if (!features) return;
    for (const FeatureSpec& spec : features->sequence) {
      builders.try_emplace(spec.name, spec.name, spec.kind);
    }
  }

  Status AppendList(std::string_view name, std::string_view list, int64_t row) {
    auto builder = builders.find(name);
    if (builder == builders.end()) {
      if (fixed) return OkStatus();
      if (!columnar::IsUtf8(name)) return DataLossError("a feature list's name is not UTF-8");
      builder = builders.try_emplace(std::string(name), std::string(name), ValueKind::kNone).first;
    }
    if (builder->second.AppendRow(row, list)) return OkStatus();
    if (!builder->second.status().ok()) return builder->second.status();
    return DataLossError("feature list '{}' is damaged (not a tf.FeatureList)", name);
  }

  bool fixed;
  ExampleDecoder context;  // context is field 1, as the features of a tf.Example are
  std::map<std::string, SequenceBuilder, std::less<>> builders;
  bool any_lists = false;
  int64_t num_records = 0;
  Entries entries;
};

SequenceExampleDecoder::SequenceExampleDecoder(std::optional<SequenceFeatures> features)
    : impl_(std::make_unique<Impl>(features)) {}
SequenceExampleDecoder::SequenceExampleDecoder(SequenceExampleDecoder&&) noexcept = default;
SequenceExampleDecoder& SequenceExampleDecoder::operator=(SequenceExampleDecoder&&) noexcept =
    default;
SequenceExampleDecoder::~SequenceExampleDecoder() = default;

int64_t SequenceExampleDecoder::num_rows() const { return impl_->context.num_rows(); }

Status SequenceExampleDecoder::Append(std::string_view record) {
  Impl& impl = *impl_;
  const int64_t row = impl.context.num_rows();
  BESSEMER_RETURN_IF_ERROR(impl.context.Append(record));
  impl.entries.clear();
  wire::Cursor in(record);
  const std::string where = fmt::format("record {}", impl.num_records++);
  while (!in.AtEnd()) {
    uint32_t tag;
    std::string_view lists;
    if (!in.ReadTag(&tag)) return DataLossError("{}: not a tf.SequenceExample", where);
    if (tag != kFeatureLists) {
      if (!in.Skip(tag)) return DataLossError("{}: not a tf.SequenceExample", where);
      continue;
    }
    impl.any_lists = true;
    if (!in.ReadBytes(&lists) || !ReadEntries(lists, &impl.entries)) {
      return DataLossError("{}: not a tf.SequenceExample, or damaged", where);
    }
  }
  // Of a repeated key the last counts.
  std::stable_sort(impl.entries.begin(), impl.entries.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (size_t i = 0; i < impl.entries.size(); ++i) {
    const auto& [name, list] = impl.entries[i];
    if (i + 1 < impl.entries.size() && impl.entries[i + 1].first == name) continue;
    BESSEMER_RETURN_IF_ERROR(WithContext(impl.AppendList(name, list, row), where));
  }
  return OkStatus();
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> SequenceExampleDecoder::Finish() {
  Impl& impl = *impl_;
  BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> batch, impl.context.Finish());
  const bool has_column = impl.fixed ? !impl.builders.empty() : impl.any_lists;
  impl.any_lists = false;
  if (!has_column) return batch;
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (auto& [name, builder] : impl.builders) {
    if (!impl.fixed && !builder.seen()) continue;
    BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::Array> array,
                              builder.Finish(batch->num_rows()));
    fields.push_back(arrow::field(name, array->type()));
    arrays.push_back(std::move(array));
  }
  auto column = std::make_shared<arrow::StructArray>(arrow::struct_(fields), batch->num_rows(),
                                                     std::move(arrays));
  BESSEMER_ASSIGN_OR_RETURN_ARROW(
      batch, batch->AddColumn(batch->num_columns(), std::string(kSequenceColumn), column));
  return batch;
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> DecodeSequenceExamples(
    const std::vector<std::string_view>& records) {
  SequenceExampleDecoder decoder;
  for (const std::string_view record : records) {
    BESSEMER_RETURN_IF_ERROR(decoder.Append(record));
  }
  return decoder.Finish();
}

}  // namespace bessemer::example_gen
