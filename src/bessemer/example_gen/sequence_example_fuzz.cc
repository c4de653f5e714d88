// Any bytes decode as a SequenceExample or are refused, alone and after a record that is good.
#include <arrow/record_batch.h>

#include <cstdlib>

#include "bessemer/example_gen/sequence_example.h"

namespace {

void Decode(std::initializer_list<std::string_view> records) {
  bessemer::example_gen::SequenceExampleDecoder decoder;
  for (const std::string_view record : records) {
    if (!decoder.Append(record).ok()) return;
  }
  const auto batch = decoder.Finish();
  if (!batch.ok()) return;
  if (!(*batch)->ValidateFull().ok()) std::abort();
  if ((*batch)->num_rows() != static_cast<int64_t>(records.size())) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view record(reinterpret_cast<const char*>(data), size);
  Decode({record});
  Decode({"", record});
  // context { feature { key: "a" value { int64_list { value: 1 } } } }
  Decode(
      {std::string_view("\x0a\x0c\x0a\x0a\x0a\x01\x61\x12\x05\x1a\x03\x0a\x01\x01", 14), record});
  return 0;
}
