#include "bessemer/example_gen/sequence_encoder.h"

#include <arrow/array.h>
#include <arrow/type.h>

#include <algorithm>
#include <string>
#include <vector>

#include "bessemer/example_gen/sequence_example.h"
#include "bessemer/example_gen/wire_internal.h"

namespace bessemer::example_gen {
namespace {

constexpr uint32_t kFeatureLists = wire::Tag(2, wire::kBytes);
constexpr uint32_t kFeatureListsEntry = wire::Tag(1, wire::kBytes);
constexpr uint32_t kFeatureListFeature = wire::Tag(1, wire::kBytes);

bool IsList(const arrow::DataType& type) {
  return type.id() == arrow::Type::LIST || type.id() == arrow::Type::LARGE_LIST;
}

const std::shared_ptr<arrow::Array>& ValuesOf(const arrow::Array& list) {
  if (list.type_id() == arrow::Type::LIST) {
    return static_cast<const arrow::ListArray&>(list).values();
  }
  return static_cast<const arrow::LargeListArray&>(list).values();
}

int64_t OffsetOf(const arrow::Array& list, int64_t row) {
  if (list.type_id() == arrow::Type::LIST) {
    return static_cast<const arrow::ListArray&>(list).value_offset(row);
  }
  return static_cast<const arrow::LargeListArray&>(list).value_offset(row);
}

void PutVarint(uint64_t value, std::string* out) {
  for (; value >= 0x80; value >>= 7) *out += static_cast<char>(value | 0x80);
  *out += static_cast<char>(value);
}

void PutBytes(uint32_t tag, std::string_view bytes, std::string* out) {
  PutVarint(tag, out);
  PutVarint(bytes.size(), out);
  out->append(bytes);
}

// One column of steps.
struct FeatureListColumn {
  std::string name;
  std::shared_ptr<arrow::Array> parent;  // of struct rows, which may be null; or null
  std::shared_ptr<arrow::Array> rows;
  ExampleEncoder steps;

  bool IsPresent(int64_t row) const {
    return rows->IsValid(row) && (parent == nullptr || parent->IsValid(row));
  }
};

}  // namespace

struct SequenceExampleEncoder::Impl {
  Status AddList(const std::string& name, const std::shared_ptr<arrow::Array>& parent,
                 const std::shared_ptr<arrow::Array>& rows) {
    if (!IsList(*rows->type())) {
      return InvalidArgumentError("column '{}': {} is no list of steps", name,
                                  rows->type()->ToString());
    }
    const std::shared_ptr<arrow::Array>& steps = ValuesOf(*rows);
    StatusOr<ExampleEncoder> encoder = ExampleEncoder::Make(
        arrow::RecordBatch::Make(arrow::schema({arrow::field(name, steps->type())}),
                                 steps->length(), {steps}),
        {.missing = MissingCell::kNoKind});
    if (!encoder.ok()) return encoder.status();
    lists.push_back({name, parent, rows, *std::move(encoder)});
    return OkStatus();
  }

  std::optional<ExampleEncoder> context;
  std::vector<FeatureListColumn> lists;  // sorted by name
  int64_t num_rows = 0;
  std::string record;
  std::string all_lists;
  std::string list;
  std::string entry;
};

SequenceExampleEncoder::SequenceExampleEncoder(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}
SequenceExampleEncoder::SequenceExampleEncoder(SequenceExampleEncoder&&) noexcept = default;
SequenceExampleEncoder& SequenceExampleEncoder::operator=(SequenceExampleEncoder&&) noexcept =
    default;
SequenceExampleEncoder::~SequenceExampleEncoder() = default;

int64_t SequenceExampleEncoder::num_rows() const { return impl_->num_rows; }

StatusOr<SequenceExampleEncoder> SequenceExampleEncoder::Make(
    const std::shared_ptr<arrow::RecordBatch>& batch, ExampleEncoderOptions options) {
  auto impl = std::make_unique<Impl>();
  impl->num_rows = batch->num_rows();
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (int i = 0; i < batch->num_columns(); ++i) {
    const std::shared_ptr<arrow::Array>& array = batch->column(i);
    const std::string& name = batch->column_name(i);
    if (name == kSequenceColumn && array->type_id() == arrow::Type::STRUCT) {
      const auto& sequence = static_cast<const arrow::StructArray&>(*array);
      for (int field = 0; field < sequence.num_fields(); ++field) {
        BESSEMER_RETURN_IF_ERROR(
            impl->AddList(array->type()->field(field)->name(), array, sequence.field(field)));
      }
    } else if (IsList(*array->type()) && IsList(*ValuesOf(*array)->type())) {
      BESSEMER_RETURN_IF_ERROR(impl->AddList(name, nullptr, array));
    } else {
      fields.push_back(batch->schema()->field(i));
      arrays.push_back(array);
    }
  }
  std::sort(impl->lists.begin(), impl->lists.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  for (size_t i = 1; i < impl->lists.size(); ++i) {
    if (impl->lists[i].name == impl->lists[i - 1].name) {
      return InvalidArgumentError("column '{}': the batch has it twice; rename one",
                                  impl->lists[i].name);
    }
  }
  BESSEMER_ASSIGN_OR_RETURN(
      impl->context, ExampleEncoder::Make(arrow::RecordBatch::Make(arrow::schema(std::move(fields)),
                                                                   batch->num_rows(),
                                                                   std::move(arrays)),
                                          options));
  return SequenceExampleEncoder(std::move(impl));
}

std::string_view SequenceExampleEncoder::Encode(int64_t row) {
  Impl& impl = *impl_;
  // The features of a tf.Example are field 1, as the context is.
  impl.record = impl.context->Encode(row);
  impl.all_lists.clear();
  for (FeatureListColumn& column : impl.lists) {
    if (!column.IsPresent(row)) continue;
    impl.list.clear();
    const int64_t end = OffsetOf(*column.rows, row + 1);
    for (int64_t step = OffsetOf(*column.rows, row); step < end; ++step) {
      PutBytes(kFeatureListFeature, *column.steps.EncodeFeature(0, step), &impl.list);
    }
    impl.entry.clear();
    PutBytes(wire::kEntryKey, column.name, &impl.entry);
    PutBytes(wire::kEntryValue, impl.list, &impl.entry);
    PutBytes(kFeatureListsEntry, impl.entry, &impl.all_lists);
  }
  if (!impl.lists.empty()) PutBytes(kFeatureLists, impl.all_lists, &impl.record);
  return impl.record;
}

}  // namespace bessemer::example_gen
