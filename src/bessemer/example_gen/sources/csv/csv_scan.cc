#include <algorithm>

#include "bessemer/example_gen/sources/csv/csv_scan_internal.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bessemer/example_gen/sources/csv/csv_scan.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace bessemer::example_gen::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void Find(std::string_view text, char delimiter, char quote, std::vector<uint32_t>* positions) {
  const hn::ScalableTag<uint8_t> d;
  const size_t lanes = hn::Lanes(d);
  const auto delimiters = hn::Set(d, static_cast<uint8_t>(delimiter));
  const auto quotes = hn::Set(d, static_cast<uint8_t>(quote));
  const auto newlines = hn::Set(d, static_cast<uint8_t>('\n'));
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  size_t count = 0;
  size_t i = 0;
  for (; i + lanes <= text.size(); i += lanes) {
    const auto v = hn::LoadU(d, bytes + i);
    const auto hit = hn::Or(hn::Or(hn::Eq(v, delimiters), hn::Eq(v, newlines)), hn::Eq(v, quotes));
    uint64_t bits = 0;
    hn::StoreMaskBits(d, hit, reinterpret_cast<uint8_t*>(&bits));
    if (bits == 0) continue;
    if (positions->size() < count + lanes) positions->resize(2 * count + 8192);
    uint32_t* out = positions->data() + count;
    for (; bits != 0; bits &= bits - 1) {
      *out++ = static_cast<uint32_t>(i + static_cast<size_t>(__builtin_ctzll(bits)));
    }
    count = static_cast<size_t>(out - positions->data());
  }
  positions->resize(count);
  for (; i < text.size(); ++i) {
    if (text[i] == delimiter || text[i] == quote || text[i] == '\n') {
      positions->push_back(static_cast<uint32_t>(i));
    }
  }
}

int64_t Count(std::string_view text, char byte) {
  const hn::ScalableTag<uint8_t> d;
  const size_t lanes = hn::Lanes(d);
  const auto wanted = hn::Set(d, static_cast<uint8_t>(byte));
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  size_t count = 0;
  size_t i = 0;
  for (; i + lanes <= text.size(); i += lanes) {
    count += hn::CountTrue(d, hn::Eq(hn::LoadU(d, bytes + i), wanted));
  }
  for (; i < text.size(); ++i) count += text[i] == byte;
  return static_cast<int64_t>(count);
}

}  // namespace bessemer::example_gen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bessemer::example_gen::csv {

HWY_EXPORT(Find);
HWY_EXPORT(Count);

void FindStructure(std::string_view text, char delimiter, char quote,
                   std::vector<uint32_t>* positions) {
  HWY_DYNAMIC_DISPATCH(Find)(text, delimiter, quote, positions);
}

int64_t CountByte(std::string_view text, char byte) {
  return HWY_DYNAMIC_DISPATCH(Count)(text, byte);
}

void FindStructurePortable(std::string_view text, char delimiter, char quote,
                           std::vector<uint32_t>* positions) {
  positions->clear();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == delimiter || text[i] == quote || text[i] == '\n') {
      positions->push_back(static_cast<uint32_t>(i));
    }
  }
}

int64_t CountBytePortable(std::string_view text, char byte) {
  return std::count(text.begin(), text.end(), byte);
}

}  // namespace bessemer::example_gen::csv
#endif
