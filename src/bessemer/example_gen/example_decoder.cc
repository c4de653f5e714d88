#include <arrow/array/builder_binary.h>
#include <arrow/type.h>

#include <algorithm>
#include <cstring>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/columnar/utf8.h"
#include "bessemer/example_gen/example_codec.h"
#include "bessemer/example_gen/feature_builder_internal.h"
#include "bessemer/example_gen/wire_internal.h"

namespace bessemer::example_gen {
namespace {

// Not seeded: names come from the data, but a collision costs one comparison of 64-bit hashes.
uint64_t HashKey(std::string_view key) {
  constexpr uint64_t kMultiplier = 0x9e3779b97f4a7c15;
  const char* p = key.data();
  size_t size = key.size();
  uint64_t hash = size * kMultiplier;
  const auto mix = [&hash](uint64_t word) {
    const auto product = static_cast<unsigned __int128>(hash ^ word) * kMultiplier;
    hash = static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  };
  uint64_t word = 0;
  for (; size > 8; size -= 8, p += 8) {
    std::memcpy(&word, p, 8);
    mix(word);
  }
  word = 0;
  if (size == 8) {
    std::memcpy(&word, p, 8);
  } else if (size >= 4) {
    uint32_t low, high;
    std::memcpy(&low, p, 4);
    std::memcpy(&high, p + size - 4, 4);
    word = low | static_cast<uint64_t>(high) << 32;
  } else if (size > 0) {
    word = static_cast<uint8_t>(p[0]) |
           static_cast<uint64_t>(static_cast<uint8_t>(p[size / 2])) << 8 |
           static_cast<uint64_t>(static_cast<uint8_t>(p[size - 1])) << 16;
  }
  mix(word);
  return hash;
}

// Feature names to builders: open addressing, at most half full.
class FeatureTable {
 public:
  FeatureTable() : slots_(64) {}

  FeatureBuilder* Find(std::string_view name, uint64_t hash) const {
    for (size_t i = hash & (slots_.size() - 1);; i = (i + 1) & (slots_.size() - 1)) {
      const Slot& slot = slots_[i];
      if (slot.builder == nullptr) return nullptr;
      if (slot.hash == hash && slot.builder->name() == name) return slot.builder;
    }
  }

  FeatureBuilder* Add(std::string_view name, uint64_t hash, ValueKind kind) {
    if (2 * (builders_.size() + 1) > slots_.size()) {
      std::vector<Slot> old(2 * slots_.size());
      old.swap(slots_);
      for (const Slot& slot : old) {
        if (slot.builder != nullptr) Place(slot);
      }
    }
    builders_.push_back(std::make_unique<FeatureBuilder>(std::string(name), kind));
    Place({hash, builders_.back().get()});
    return builders_.back().get();
  }

  const std::vector<std::unique_ptr<FeatureBuilder>>& builders() const { return builders_; }

 private:
  struct Slot {
    uint64_t hash = 0;
    FeatureBuilder* builder = nullptr;
  };

  void Place(const Slot& slot) {
    size_t i = slot.hash & (slots_.size() - 1);
    while (slots_[i].builder != nullptr) i = (i + 1) & (slots_.size() - 1);
    slots_[i] = slot;
  }

  std::vector<Slot> slots_;
  std::vector<std::unique_ptr<FeatureBuilder>> builders_;
};

}  // namespace

std::string_view ValueKindName(ValueKind kind) {
  static constexpr std::string_view kNames[] = {"none", "bytes", "float", "int64"};
  return kNames[static_cast<int>(kind)];
}

std::shared_ptr<arrow::DataType> ColumnType(ValueKind kind) {
  static const std::shared_ptr<arrow::DataType> kTypes[] = {
      arrow::null(), arrow::list(arrow::binary()), arrow::list(arrow::float32()),
      arrow::list(arrow::int64())};
  return kTypes[static_cast<int>(kind)];
}

struct ExampleDecoder::Impl {
  explicit Impl(ExampleDecoderOptions given) : options(std::move(given)) {
    if (!options.features) return;
    for (const FeatureSpec& spec : *options.features) {
      const uint64_t hash = HashKey(spec.name);
      if (table.Find(spec.name, hash) != nullptr) continue;  // named twice
      selected.push_back(table.Add(spec.name, hash, spec.kind));
    }
  }

  // False: malformed, or `error` says what is wrong.
  bool DecodeEntry(std::string_view entry);
  bool DecodeFeatures(std::string_view features);
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Finish();

  ExampleDecoderOptions options;
  FeatureTable table;
  std::vector<FeatureBuilder*> selected;  // with options.features
  arrow::BinaryBuilder raw;
  int64_t num_rows = 0;
  int64_t num_bytes = 0;
  int64_t num_records = 0;
  Status error;
  std::string value_storage;
};

bool ExampleDecoder::Impl::DecodeEntry(std::string_view entry) {
  wire::Cursor in(entry);
  std::string_view key;
  std::string_view value;
  int num_values = 0;
  while (!in.AtEnd()) {
    uint32_t tag;
    if (!in.ReadTag(&tag)) return false;
    if (tag == wire::kEntryKey) {
      if (!in.ReadBytes(&key)) return false;
    } else if (tag == wire::kEntryValue) {
      std::string_view part;
      if (!in.ReadBytes(&part)) return false;
      // Messages merge by concatenation of their bytes.
      if (++num_values > 1) {
        value_storage = fmt::format("{}{}", value, part);
        part = value_storage;
      }
      value = part;
    } else if (!in.Skip(tag)) {
      return false;
    }
  }
  const uint64_t hash = HashKey(key);
  FeatureBuilder* builder = table.Find(key, hash);
  if (builder == nullptr) {
    if (options.features) return true;
    if (!columnar::IsUtf8(key)) {
      error = DataLossError("a feature name is not UTF-8");
      return false;
    }
    builder = table.Add(key, hash, ValueKind::kNone);
  }
  if (builder->AppendFeature(num_rows, value)) return true;
  error = builder->status().ok()
              ? DataLossError("feature '{}' is damaged (not a tf.Feature)", builder->name())
              : builder->status();
  return false;
}

bool ExampleDecoder::Impl::DecodeFeatures(std::string_view features) {
  wire::Cursor in(features);
  while (!in.AtEnd()) {
    uint32_t tag;
    std::string_view entry;
    if (!in.ReadTag(&tag)) return false;
    if (tag == wire::kFeaturesEntry ? !in.ReadBytes(&entry) || !DecodeEntry(entry)
                                    : !in.Skip(tag)) {
      return false;
    }
  }
  return true;
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> ExampleDecoder::Impl::Finish() {
  std::vector<FeatureBuilder*> columns = selected;
  if (!options.features) {
    for (const auto& builder : table.builders()) {
      if (builder->seen()) columns.push_back(builder.get());
    }
    std::sort(columns.begin(), columns.end(),
              [](const auto* a, const auto* b) { return a->name() < b->name(); });
  }
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (FeatureBuilder* column : columns) {
    BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::Array> array, column->Finish(num_rows));
    fields.push_back(arrow::field(column->name(), array->type()));
    arrays.push_back(std::move(array));
  }
  if (!options.raw_record_column.empty()) {
    BESSEMER_ASSIGN_OR_RETURN_ARROW(std::shared_ptr<arrow::Array> array, raw.Finish());
    fields.push_back(arrow::field(options.raw_record_column, array->type()));
    arrays.push_back(std::move(array));
  }
  auto batch =
      arrow::RecordBatch::Make(arrow::schema(std::move(fields)), num_rows, std::move(arrays));
  num_rows = num_bytes = 0;
  return batch;
}

ExampleDecoder::ExampleDecoder(ExampleDecoderOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}
ExampleDecoder::ExampleDecoder(ExampleDecoder&&) noexcept = default;
ExampleDecoder& ExampleDecoder::operator=(ExampleDecoder&&) noexcept = default;
ExampleDecoder::~ExampleDecoder() = default;

int64_t ExampleDecoder::num_rows() const { return impl_->num_rows; }
int64_t ExampleDecoder::num_bytes() const { return impl_->num_bytes; }

Status ExampleDecoder::Append(std::string_view record) {
  Impl& impl = *impl_;
  wire::Cursor in(record);
  while (!in.AtEnd()) {
    uint32_t tag = 0;
    std::string_view features;
    const bool ok =
        in.ReadTag(&tag) &&
        (tag == wire::kExampleFeatures ? in.ReadBytes(&features) && impl.DecodeFeatures(features)
                                       : in.Skip(tag));
    if (!ok) {
      if (impl.error.ok()) impl.error = DataLossError("not a tf.Example, or damaged");
      return WithContext(impl.error, fmt::format("record {}", impl.num_records));
    }
  }
  if (!impl.options.raw_record_column.empty()) {
    BESSEMER_RETURN_IF_ARROW_ERROR(
        impl.raw.Append(record.data(), static_cast<int32_t>(record.size())));
  }
  ++impl.num_rows;
  ++impl.num_records;
  impl.num_bytes += static_cast<int64_t>(record.size());
  return OkStatus();
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> ExampleDecoder::Finish() { return impl_->Finish(); }

StatusOr<std::shared_ptr<arrow::RecordBatch>> DecodeExamples(
    const std::vector<std::string_view>& records, ExampleDecoderOptions options) {
  ExampleDecoder decoder(std::move(options));
  for (const std::string_view record : records) BESSEMER_RETURN_IF_ERROR(decoder.Append(record));
  return decoder.Finish();
}

}  // namespace bessemer::example_gen
