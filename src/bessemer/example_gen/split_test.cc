#include "bessemer/example_gen/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bessemer::example_gen {
namespace {

using ::testing::HasSubstr;

// Expected: Python's bisect(cumulative, int(sha256(key).hexdigest(), 16) % total) for the keys
// b"record 0" … b"record 23".
TEST(HashSplitterTest, FollowsTheRule) {
  const std::vector<std::pair<std::vector<uint32_t>, std::string>> cases = {
      {{2, 1}, "100111000111000000011000"},
      {{6, 1, 2}, "200000002020000000000200"},
      {{60, 10, 20}, "000000200022002220002000"},
      {{1, 1, 1, 1}, "011023221110131210213201"},
      {{4294967295u, 4294967295u, 1}, "101001001001000100100001"},
      {{5}, "000000000000000000000000"}};
  for (const auto& [buckets, wanted] : cases) {
    std::vector<SplitBuckets> splits;
    for (const uint32_t count : buckets) {
      splits.push_back({fmt::format("s{}", splits.size()), count});
    }
    const auto splitter = HashSplitter::Make(splits);
    ASSERT_TRUE(splitter.ok());
    std::string got;
    for (int i = 0; i < 24; ++i) {
      got += static_cast<char>('0' + splitter->SplitOf(fmt::format("record {}", i)));
    }
    EXPECT_EQ(got, wanted);
  }
}

TEST(HashSplitterTest, RefusesBadSplits) {
  const auto error = [](std::vector<SplitBuckets> splits) {
    return std::string(Message(HashSplitter::Make(std::move(splits)).status()));
  };
  EXPECT_THAT(error({}), HasSubstr("no splits"));
  EXPECT_THAT(error({{"a", 1}, {"a", 2}}), HasSubstr("'a' is given twice"));
  EXPECT_THAT(error({{"a", 0}}), HasSubstr("at least 1"));
  EXPECT_THAT(error({{"../a", 1}}), HasSubstr("not a split name"));
  EXPECT_THAT(error({{"-a", 1}}), HasSubstr("not a split name"));
}

TEST(PartitionKeyTest, TakesBytesAndIntegers) {
  EXPECT_EQ(*PartitionKey("x", std::string_view("\x0a\0", 2)), std::string_view("\x0a\0", 2));
  EXPECT_TRUE(PartitionKey("x", "\x1a\x03\x0a\x01\x05").ok());
  EXPECT_THAT(Message(PartitionKey("x", std::nullopt).status()), HasSubstr("'x' is missing"));
  EXPECT_THAT(Message(PartitionKey("x", "").status()), HasSubstr("no value kind"));
  EXPECT_THAT(Message(PartitionKey("x", std::string_view("\x12\0", 2)).status()),
              HasSubstr("holds floats"));
}

}  // namespace
}  // namespace bessemer::example_gen
