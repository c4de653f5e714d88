// clang++ -fsanitize=fuzzer,address: any bytes decode or are refused; what decodes encodes again.
#include <arrow/record_batch.h>

#include <cstdlib>

#include "bessemer/example_gen/example_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace bessemer::example_gen;
  const std::string_view record(reinterpret_cast<const char*>(data), size);
  const auto batch = DecodeExamples({record});
  std::string storage;
  (void)CanonicalExample(record, &storage);
  if (!batch.ok()) return 0;
  if (!(*batch)->ValidateFull().ok()) std::abort();
  auto encoder = ExampleEncoder::Make(*batch);
  if (!encoder.ok()) std::abort();
  const std::string again(encoder->Encode(0));
  if (CanonicalExample(again, &storage)->data() != again.data()) std::abort();
  const auto twice = DecodeExamples({again});
  if (!twice.ok() || (*twice)->num_rows() != 1) std::abort();
  return 0;
}
