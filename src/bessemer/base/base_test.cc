#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "bessemer/base/hash.h"
#include "bessemer/base/nearest_name.h"
#include "bessemer/base/parallel.h"
#include "bessemer/base/random.h"
#include "bessemer/base/registry.h"

namespace bessemer {
namespace {

TEST(HashTest, KnownAnswers) {
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Fingerprinter().AddRaw("a").AddRaw("bc").FinishHex(), Sha256Hex("abc"));
  EXPECT_NE(Fingerprinter().Add("ab").Add("c").FinishHex(),
            Fingerprinter().Add("a").Add("bc").FinishHex());
  // tf.strings.to_hash_bucket_fast("hello", 2**31) is 1212535104 mod 2**31 of this value.
  EXPECT_EQ(Fingerprint64("hello"), 13009744463427800296u);
}

TEST(NearestNameTest, Suggests) {
  EXPECT_EQ(NearestName("StatsGen", {"StatisticsGen", "SchemaGen", "Trainer"}), "");
  EXPECT_EQ(NearestName("SchemGen", {"StatisticsGen", "SchemaGen"}), "SchemaGen");
  EXPECT_EQ(SuggestName("zzz", {"a", "b"}), "; known: a, b");
}

TEST(ParallelTest, RunsEachTaskOnceAndReturnsTheFirstError) {
  std::vector<std::atomic<int>> runs(1000);
  EXPECT_TRUE(ParallelFor(1000, 4, [&](int64_t i) {
                ++runs[i];
                return OkStatus();
              }).ok());
  for (const auto& count : runs) EXPECT_EQ(count, 1);
  const Status status = ParallelFor(
      100, 4, [](int64_t i) { return i >= 3 ? InternalError("task {}", i) : OkStatus(); });
  EXPECT_EQ(Message(status), "task 3");
  const Status thrown =
      ParallelFor(8, 4, [](int64_t) -> Status { throw std::runtime_error("of a library"); });
  EXPECT_EQ(thrown.code(), StatusCode::kInternal);
  EXPECT_NE(Message(thrown).find("of a library"), std::string_view::npos);
  EXPECT_TRUE(ParallelFor(0, 4, [](int64_t) { return InternalError("never"); }).ok());
}

TEST(RandomTest, IsReproducibleAndUniform) {
  Random a(7), b(7), c(8);
  EXPECT_EQ(a.Next(), b.Next());
  EXPECT_NE(a.Next(), c.Next());
  double sum = 0, squares = 0;
  const int n = 100000;
  for (int i = 0; i < n; ++i) {
    const double x = a.Normal();
    sum += x;
    squares += x * x;
    EXPECT_LT(b.Below(10), 10u);
  }
  EXPECT_NEAR(sum / n, 0.0, 0.02);
  EXPECT_NEAR(squares / n, 1.0, 0.03);
}

struct Thing {
  std::string name, doc;
};

TEST(RegistryTest, FindsSuggestsAndRefusesDuplicates) {
  Registry<Thing> registry("thing");
  registry.Add({"alpha", "first"});
  EXPECT_TRUE(registry.Find("alpha").ok());
  EXPECT_EQ(Message(registry.Find("alpah").status()),
            "unknown thing 'alpah'; did you mean 'alpha'?");
  EXPECT_TRUE(registry.status().ok());
  registry.Add({"alpha", "again"});
  EXPECT_EQ(registry.status().code(), StatusCode::kAlreadyExists);
}

}  // namespace
}  // namespace bessemer
