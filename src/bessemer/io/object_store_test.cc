// Against the servers that tests/sources/object_store_test.py starts; skipped without them.
#include "bessemer/io/object_store.h"

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <thread>

#include "bessemer/base/config.h"
#include "bessemer/base/random.h"
#include "bessemer/io/arrow_file.h"
#include "bessemer/io/aws_profile_internal.h"
#include "bessemer/io/file.h"
#include "bessemer/io/file_hashes.h"
#include "bessemer/io/optional_file.h"
#include "bessemer/io/publish.h"
#include "bessemer/io/tree.h"

namespace bessemer::io {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Text(const Status& status) { return std::string(Message(status)); }

TEST(ObjectUriTest, PartsAreFound) {
  struct Case {
    const char* uri;
    const char* path;
    const char* options;
  };
  for (const Case& c :
       {Case{"s3://b/a/key", "b/a/key", ""}, Case{"s3://b/a/?.csv", "b/a/?.csv", ""},
        Case{"s3://b/a?.csv?region=x&scheme=http", "b/a?.csv", "?region=x&scheme=http"},
        Case{"gs://b/", "b", ""}, Case{"gs://b/50% off #1", "b/50% off #1", ""}}) {
    const ObjectUri uri = ObjectUri::Parse(c.uri);
    EXPECT_EQ(uri.path, c.path) << c.uri;
    EXPECT_EQ(uri.options, c.options) << c.uri;
  }
  EXPECT_EQ(ObjectUri::Parse("s3://b/k?region=eu-west-1&scheme=http").Option("scheme"), "http");
  EXPECT_EQ(ObjectUri::Parse("s3://b/k?region=eu-west-1").Option("regio"), "");
}

TEST(ObjectUriTest, PathsOfUrisKeepTheirOptions) {
  EXPECT_EQ(JoinPath("s3://b/a?region=x", "c"), "s3://b/a/c?region=x");
  EXPECT_EQ(DirName("s3://b/a/c?region=x"), "s3://b/a?region=x");
  EXPECT_EQ(BaseName("s3://b/a/c?region=x"), "c");
  EXPECT_EQ(DirName("s3://b"), "s3://b");
}

TEST(ObjectUriTest, CredentialsAndUnknownSchemesAreRefused) {
  const Status secret = ReadFile("s3://key:hunter2@bucket/x").status();
  EXPECT_EQ(secret.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(Text(secret), Not(HasSubstr("hunter2")));
  EXPECT_THAT(Text(secret), HasSubstr("must not hold credentials"));
  EXPECT_EQ(ReadFile("ftps://host/x").status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(Text(ListFiles("s3://*/x").status()), HasSubstr("needs the name of a bucket"));
  EXPECT_THAT(Text(ReadFile("s3://b/x?colour=red&region=x").status()), HasSubstr("colour"));
}

TEST(AwsProfileTest, SettingsOfTheProfileInUse) {
  const std::string_view text =
      "# comment\n[default]\nregion = eu-west-1\n\n[profile dev]\nregion=us-west-2\ns3 =\n"
      "  addressing_style = path\nendpoint_url = http://localhost:1\n";
  EXPECT_EQ(ProfileValueIn(text, "default", "region"), "eu-west-1");
  EXPECT_EQ(ProfileValueIn(text, "dev", "region"), "us-west-2");
  EXPECT_EQ(ProfileValueIn(text, "dev", "endpoint_url"), "http://localhost:1");
  EXPECT_EQ(ProfileValueIn(text, "dev", "addressing_style"), "");
  EXPECT_EQ(ProfileValueIn(text, "none", "region"), "");
}

struct Kind {
  const char* scheme;
  const char* server;    // environment: the URL of the server's proxy
  const char* endpoint;  // environment that leads to it
  const char* upload_method;
  const char* upload_path;
};

class ObjectStoreTest : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    const char* url = std::getenv(GetParam().server);
    if (url == nullptr) GTEST_SKIP() << "needs $" << GetParam().server;
    server_ = url;
    setenv(GetParam().endpoint, url, 1);
    setenv("AWS_ACCESS_KEY_ID", "key", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    unsetenv("AWS_MAX_ATTEMPTS");
    Faults("[]");
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    std::string name = test->name();
    root_ = fmt::format("{}://data/{}", GetParam().scheme, name.substr(0, name.find('/')));
  }

  std::string Path(std::string_view name) const { return JoinPath(root_, name); }

  void Faults(const std::string& json) {
    const auto response = SendHttp({.method = "POST", .url = server_ + "/_faults", .body = json});
    ASSERT_TRUE(response.ok()) << response.status();
  }
  // The requests since the last Faults: "PUT /data/x".
  std::vector<std::string> Log() {
    const auto response = SendHttp({.url = server_ + "/_log"});
    return Json::parse(response->body).get<std::vector<std::string>>();
  }
  // The position of the last request that changes something under a name.
  size_t Written(const std::vector<std::string>& log, const std::string& name) {
    size_t at = log.size();
    for (size_t i = 0; i < log.size(); ++i) {
      const bool writes = log[i].starts_with("PUT") || log[i].starts_with("POST");
      if (writes && log[i].find(name) != std::string::npos) at = i;
    }
    return at;
  }

  void Write(const std::string& name, std::string_view content) {
    const Status status = WriteFileAtomically(Path(name), content);
    ASSERT_TRUE(status.ok()) << status;
  }

  std::string Read(const std::string& name) {
    const auto content = ReadFile(Path(name));
    return content.ok() ? *content : Text(content.status());
  }

  std::string server_, root_;
};

TEST_P(ObjectStoreTest, FilesComeBackAsTheyWere) {
  Random random(3);
  for (const size_t size : {size_t{0}, size_t{1}, size_t{300'000}, size_t{12'345'678}}) {
    std::string content(size, '\0');
    for (size_t i = 0; i < size; i += 97) content[i] = static_cast<char>(random.Next());
    auto out = OpenOutput(Path("file"));
    ASSERT_TRUE(out.ok()) << out.status();
    for (size_t i = 0; i < size; i += 1'000'000) {
      ASSERT_TRUE((*out)->Write(std::string_view(content).substr(i, 1'000'000)).ok());
    }
    ASSERT_TRUE((*out)->Close().ok());
    const auto read = ReadFile(Path("file"));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_TRUE(*read == content) << size;
    EXPECT_EQ(*FileSize(Path("file")), static_cast<int64_t>(size));
    if (size < 1'000'000) continue;
    auto file = OpenRandomAccess(Path("file"));
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_EQ((*(*file)->ReadAt(5'000'000, 1000))->ToString(), content.substr(5'000'000, 1000));
  }
}

TEST_P(ObjectStoreTest, ListingMatchesAsLocally) {
  for (const char* name :
       {"a/1.csv", "a/2.csv", "a/_done", "b/1.csv", "a/c/3.csv", "a/4 %20.csv"}) {
    Write(name, "x");
  }
  auto list = [&](const char* pattern) {
    auto files = ListFiles(Path(pattern));
    if (!files.ok()) return std::vector<std::string>{Text(files.status())};
    for (std::string& file : *files) file = file.substr(root_.size() + 1);
    return *files;
  };
  EXPECT_THAT(list("a/?.csv"), ElementsAre("a/1.csv", "a/2.csv"));
  EXPECT_THAT(list("*/1.csv"), ElementsAre("a/1.csv", "b/1.csv"));
  EXPECT_THAT(list("a"), ElementsAre("a/1.csv", "a/2.csv", "a/4 %20.csv"));
  EXPECT_THAT(list("none*"), ElementsAre(HasSubstr("no file matches")));
  EXPECT_EQ(Read("a/4 %20.csv"), "x");
  EXPECT_THAT(*ListTree(Path("a")), ElementsAre("1.csv", "2.csv", "4 %20.csv", "_done", "c/3.csv"));
  EXPECT_TRUE(*IsDirectory(Path("a")));
  ASSERT_TRUE(CopyTree(Path("a"), Path("copy")).ok());
  EXPECT_THAT(*ListTree(Path("copy")),
              ElementsAre("1.csv", "2.csv", "4 %20.csv", "_done", "c/3.csv"));
  ASSERT_EQ(RemoveTree(Path("a")), OkStatus());
  EXPECT_FALSE(*Exists(Path("a/c/3.csv")));
  EXPECT_TRUE(*Exists(Path("b/1.csv")));
  EXPECT_EQ(RemoveTree(Path("a")), OkStatus());
  EXPECT_EQ(RemoveTree(DirName(root_)).code(), StatusCode::kInvalidArgument);
}

TEST_P(ObjectStoreTest, WhatIsMissingOrRefusedIsNamed) {
  const Status key = ReadFile(Path("nope")).status();
  EXPECT_EQ(key.code(), StatusCode::kNotFound) << key;
  EXPECT_THAT(Text(key), HasSubstr("/nope: there is no such object"));
  const std::string elsewhere = fmt::format("{}://no-such-bucket/x", GetParam().scheme);
  const Status bucket = ReadFile(elsewhere).status();
  EXPECT_EQ(bucket.code(), StatusCode::kNotFound) << bucket;
  EXPECT_THAT(Text(bucket), HasSubstr(elsewhere));
  EXPECT_THAT(Text(ListFiles(elsewhere + "/*.csv").status()),
              HasSubstr("there is no bucket 'no-such-bucket'"));
  EXPECT_EQ(WriteFileAtomically(elsewhere, "x").code(), StatusCode::kNotFound);

  Write("there", "x");
  Faults(R"([{"method": "GET", "path": "there", "times": 99, "do": 403},
             {"method": "HEAD", "path": "there", "times": 99, "do": 403}])");
  const Status denied = ReadFile(Path("there")).status();
  EXPECT_EQ(denied.code(), StatusCode::kPermissionDenied) << denied;
  EXPECT_THAT(Text(denied), HasSubstr(Path("there")));
  EXPECT_EQ(ReadFile(DirName(Path("there"))).status().code(), StatusCode::kInvalidArgument);
}

// To who may not list, an absent object is refused as one is that may not be read.
TEST_P(ObjectStoreTest, AnOptionalFileThatIsRefusedIsNotThere) {
  Write("there", "x");
  EXPECT_EQ(*OptionalFileExists(Path("there")), true);
  EXPECT_EQ(*OptionalFileExists(Path("nope")), false);
  const auto answer = [this](int status) {
    Faults(fmt::format(R"([{{"method": "HEAD", "path": "nope", "times": 99, "do": {0}}},
                           {{"method": "GET", "path": "nope", "times": 99, "do": {0}}}])",
                       status));
  };
  answer(403);
  EXPECT_EQ(Exists(Path("nope")).status().code(), StatusCode::kPermissionDenied);
  const auto refused = OptionalFileExists(Path("nope"));
  ASSERT_TRUE(refused.ok()) << refused.status();
  EXPECT_FALSE(*refused);
  setenv("AWS_MAX_ATTEMPTS", "1", 1);
  answer(501);
  EXPECT_FALSE(OptionalFileExists(Path("nope")).ok());
}

TEST_P(ObjectStoreTest, AnUnreachableStoreIsAnError) {
  const std::string nowhere = fmt::format(
      "{}?endpoint_override=127.0.0.1:9&scheme=http{}", Path("x"),
      std::string(GetParam().scheme) == "gs" ? "&retry_limit_seconds=1&anonymous=true" : "");
  setenv("AWS_MAX_ATTEMPTS", "2", 1);
  const Status status = ReadFile(nowhere).status();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable) << status;
  EXPECT_THAT(Text(status), HasSubstr(Path("x")));
  const Status listed = ListFiles(nowhere).status();
  EXPECT_EQ(listed.code(), StatusCode::kUnavailable);
  EXPECT_THAT(Text(listed), ::testing::StartsWith(Path("x")));
  for (const Status& asked : {Exists(nowhere).status(), IsDirectory(nowhere).status(),
                              IsPublished(nowhere).status(), FileSize(nowhere).status()}) {
    EXPECT_EQ(asked.code(), StatusCode::kUnavailable) << asked;
    EXPECT_THAT(Text(asked), HasSubstr("see that the network is up and the endpoint right"));
  }
  unsetenv("AWS_MAX_ATTEMPTS");
}

TEST_P(ObjectStoreTest, AnAbandonedUploadLeavesNothing) {
  {
    auto out = OpenOutput(Path("half"));
    ASSERT_TRUE(out.ok());
    ASSERT_TRUE((*out)->Write(std::string(11'000'000, 'x')).ok());
  }
  {
    auto out = OpenOutput(Path("small"));
    ASSERT_TRUE(out.ok() && (*out)->Write("x").ok());
  }
  EXPECT_FALSE(*Exists(Path("half")));
  EXPECT_FALSE(*Exists(Path("small")));
}

TEST_P(ObjectStoreTest, RefusalsThatPassAreRepeated) {
  Write("file", std::string(400'000, 'y'));
  for (const char* fault : {R"(503)", R"("hang_up")", R"("truncate")"}) {
    Faults(fmt::format(R"([{{"method": "GET", "path": "file", "times": 1, "do": {}}}])", fault));
    const auto read = ReadFile(Path("file"));
    ASSERT_TRUE(read.ok()) << fault << read.status();
    EXPECT_TRUE(*read == std::string(400'000, 'y')) << fault;
  }
  Faults(fmt::format(R"([{{"method": "{}", "path": "{}", "times": 2, "do": 503}}])",
                     GetParam().upload_method, GetParam().upload_path));
  Write("again", "content");
  EXPECT_EQ(Read("again"), "content");
}

TEST_P(ObjectStoreTest, AReadThatKeepsBreakingIsAnErrorNotAShortFile) {
  Write("file", std::string(400'000, 'y'));
  setenv("AWS_MAX_ATTEMPTS", "2", 1);
  Faults(R"json([{"method": "GET", "path": "file($|[?].*alt=media)", "times": 99,
                  "do": "truncate"}])json");
  const std::string uri = std::string(GetParam().scheme) == "gs"
                              ? Path("file") + "?retry_limit_seconds=2"
                              : Path("file");
  const auto read = ReadFile(uri);
  EXPECT_FALSE(read.ok());
  EXPECT_THAT(Text(read.status()), HasSubstr(Path("file")));
  unsetenv("AWS_MAX_ATTEMPTS");
}

TEST_P(ObjectStoreTest, AFileRemembersWhyTheStoreFailed) {
  Write("file", std::string(400'000, 'y'));
  const std::string uri = std::string(GetParam().scheme) == "gs"
                              ? Path("file") + "?retry_limit_seconds=1"
                              : Path("file");
  setenv("AWS_MAX_ATTEMPTS", "2", 1);
  auto file = OpenRandomAccess(uri);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ((*file)->GetSize().ValueOr(-1), 400'000);
  // What a damaged file makes a reader ask for is no fault of the store.
  static_cast<void>((*file)->ReadAt(-1, 10));
  static_cast<void>((*file)->ReadAt(500'000, 10));
  EXPECT_EQ((*(*file)->ReadAt(399'990, 100))->size(), 10);
  EXPECT_EQ((*file)->failure(), OkStatus());
  Faults(R"([{"method": "GET", "path": "file", "times": 99, "do": "hang_up"}])");
  EXPECT_FALSE((*file)->ReadAt(10, 100'000).ok());
  EXPECT_EQ((*file)->failure().code(), StatusCode::kUnavailable) << (*file)->failure();
  EXPECT_THAT(Text((*file)->failure()), ::testing::StartsWith(uri));
  unsetenv("AWS_MAX_ATTEMPTS");
}

TEST_P(ObjectStoreTest, AHashTellsContentsApartWithoutReadingThem) {
  FileHashes hashes;
  auto hash = [&] {
    Faults("[]");
    const auto found = hashes.Hash(Path("file"));
    EXPECT_TRUE(found.ok()) << found.status();
    for (const std::string& request : Log()) {
      EXPECT_THAT(request, Not(::testing::ContainsRegex("alt=media|GET /data/")));
    }
    return found.ok() ? *found : "";
  };
  Write("file", std::string(100'000, 'x'));
  const std::string first = hash();
  EXPECT_EQ(hash(), first);
  Write("file", std::string(100'000, 'y'));
  EXPECT_NE(hash(), first);
  Write("file", std::string(100'000, 'x'));
  EXPECT_EQ(hash(), first) << "the same content written again";
  EXPECT_EQ(hashes.num_read(), 0);
  EXPECT_EQ(hashes.Hash(Path("nope")).status().code(), StatusCode::kNotFound);
}

TEST_P(ObjectStoreTest, OneOfManyCreatesAnObject) {
  std::vector<int> created(6, -1);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < created.size(); ++i) {
    threads.emplace_back([&, i] {
      const auto mine = CreateObjectIfAbsent(Path("claim of one"), fmt::format("{}", i));
      if (mine.ok()) created[i] = *mine ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::count(created.begin(), created.end(), 1), 1);
  EXPECT_EQ(std::count(created.begin(), created.end(), 0), 5);
}

TEST_P(ObjectStoreTest, AFolderIsPublishedInAnOrderThatNobodyMistakes) {
  Faults("[]");
  auto staged = StagedDirectory::Create(Path("model"));
  ASSERT_TRUE(staged.ok()) << staged.status();
  for (const char* name : {"saved_model.pb", "variables/variables.index", "assets/words"}) {
    ASSERT_TRUE(MakeDirectories(DirName(JoinPath(staged->path(), name))).ok());
    ASSERT_TRUE(WriteFileAtomically(JoinPath(staged->path(), name), name).ok());
  }
  EXPECT_FALSE(*Exists(Path("model")));
  auto rival = StagedDirectory::Create(Path("model"));
  ASSERT_TRUE(rival.ok());
  ASSERT_TRUE(staged->Publish().ok());
  const std::vector<std::string> log = Log();
  const size_t model = Written(log, "saved_model.pb");
  EXPECT_LT(Written(log, "_PUBLISHING"), Written(log, "words"));
  EXPECT_LT(Written(log, "words"), model);
  EXPECT_LT(Written(log, "variables.index"), model);
  EXPECT_LT(model, log.size());
  EXPECT_TRUE(*IsPublished(Path("model")));
  EXPECT_THAT(*ListTree(Path("model")),
              ElementsAre("assets/words", "saved_model.pb", "variables/variables.index"));
  EXPECT_FALSE(*Exists(Path("model/_PUBLISHING")));
  EXPECT_EQ(rival->Publish().code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(Read("model/assets/words"), "assets/words");
  EXPECT_EQ(StagedDirectory::Create(Path("model")).status().code(), StatusCode::kAlreadyExists);
  auto copy = LocalCopy::Make(Path("model"));
  ASSERT_TRUE(copy.ok()) << copy.status();
  EXPECT_EQ(*ReadFile(JoinPath(copy->path(), "assets/words")), "assets/words");
}

TEST_P(ObjectStoreTest, AFailedUploadIsTakenBackAndADeadPublisherIsSeen) {
  auto staged = StagedDirectory::Create(Path("out"));
  ASSERT_TRUE(staged.ok());
  for (const char* name : {"a", "b"}) {
    ASSERT_TRUE(WriteFileAtomically(JoinPath(staged->path(), name), name).ok());
  }
  Faults(R"json([{"method": "PUT", "path": "out/b", "times": 99, "do": 403},
                 {"method": "POST", "path": "uploadType=(resumable|multipart)", "times": 99,
                  "do": 403}])json");
  EXPECT_FALSE(staged->Publish().ok());
  Faults("[]");
  EXPECT_THAT(Text(ListFiles(Path("*/*")).status()), HasSubstr("no file matches"));
}

TEST_P(ObjectStoreTest, AFolderWithoutItsMarkIsNotWhole) {
  Write("out/_PUBLISHING", "pid 1");
  Write("out/a", "a");
  EXPECT_FALSE(*IsPublished(Path("out")));
  EXPECT_THAT(Text(StagedDirectory::Create(Path("out")).status()), HasSubstr("or died doing so"));
  ASSERT_TRUE(RemoveTree(Path("out")).ok());
  auto staged = StagedDirectory::Create(Path("out"));
  ASSERT_TRUE(WriteFileAtomically(JoinPath(staged->path(), "a"), "a").ok());
  ASSERT_TRUE(staged->Publish().ok());
  EXPECT_TRUE(*IsPublished(Path("out")));
  EXPECT_THAT(*ListTree(Path("out")), ElementsAre("a"));
}

INSTANTIATE_TEST_SUITE_P(Stores, ObjectStoreTest,
                         ::testing::Values(Kind{"s3", "BESSEMER_TEST_S3", "AWS_ENDPOINT_URL", "PUT",
                                                "again"},
                                           Kind{"gs", "BESSEMER_TEST_GCS", "STORAGE_EMULATOR_HOST",
                                                "POST", "resumable"}),
                         [](const auto& info) { return std::string(info.param.scheme); });

}  // namespace
}  // namespace bessemer::io
