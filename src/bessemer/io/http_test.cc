#include "bessemer/io/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <future>

#include "bessemer/base/config.h"
#include "bessemer/base/parallel.h"
#include "bessemer/io/file.h"
#include "bessemer/io/google_auth.h"
#include "bessemer/io/publish.h"
#include "bessemer/io/test_http_server.h"

namespace bessemer::io {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Request = TestHttpServer::Request;
using Response = TestHttpServer::Response;

std::string Text(const Status& status) { return std::string(Message(status)); }

TEST(HttpTest, SendsWhatIsAskedAndGivesWhatComes) {
  TestHttpServer server([](const Request& request) {
    return Response{
        .status = 201, .body = "you said " + request.body, .headers = {{"X-Kind", "a b"}}};
  });
  const auto response = SendHttp({.method = "PUT",
                                  .url = server.url() + "/p/q?x=1",
                                  .headers = {{"X-In", "1"}, {"Content-Type", "text/plain"}},
                                  .body = "hello"});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "you said hello");
  EXPECT_EQ(response->Header("x-kind"), "a b");
  const Request seen = server.requests().at(0);
  EXPECT_EQ(seen.method, "PUT");
  EXPECT_EQ(seen.target, "/p/q?x=1");
  EXPECT_EQ(seen.Header("x-in"), "1");
}

TEST(HttpTest, RepeatsWhatMayPassAndNothingElse) {
  struct Case {
    const char* name;
    std::string method;
    bool repeatable;
    Response fault;
    int tries;
    int final_status;  // 0: an error
  };
  const Case cases[] = {
      {"503 of a GET", "GET", false, {.status = 503}, 3, 200},
      {"429 of a DELETE", "DELETE", false, {.status = 429}, 3, 200},
      {"hung up on a GET", "GET", false, {.hang_up = true}, 3, 200},
      {"truncated GET", "GET", false, {.body = "12345", .missing_bytes = 2}, 3, 200},
      {"POST that may be repeated", "POST", true, {.status = 500}, 3, 200},
      {"POST", "POST", false, {.status = 503}, 1, 503},
      {"hung up on a POST", "POST", false, {.hang_up = true}, 1, 0},
      {"404", "GET", false, {.status = 404}, 1, 404},
  };
  for (const Case& c : cases) {
    std::atomic<int> tries{0};
    TestHttpServer server(
        [&](const Request&) { return ++tries < 3 ? c.fault : Response{.body = "fine"}; });
    const auto response = SendHttp(
        {.method = c.method, .url = server.url(), .repeatable = c.repeatable, .retry_delay_ms = 1});
    EXPECT_EQ(tries, c.tries) << c.name;
    EXPECT_EQ(response.ok() ? response->status : 0, c.final_status) << c.name;
    if (!response.ok()) {
      EXPECT_EQ(response.status().code(), StatusCode::kUnavailable) << c.name;
    }
  }
}

TEST(HttpTest, GivesUpAfterTheLastTry) {
  std::atomic<int> tries{0};
  TestHttpServer server([&](const Request&) {
    ++tries;
    return Response{.status = 503, .body = "busy"};
  });
  const HttpRequest request{
      .url = server.url() + "/x?token=secret", .max_tries = 4, .retry_delay_ms = 1};
  const auto response = SendHttp(request);
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(tries, 4);
  const Status error = HttpError(request, *response, response->body);
  EXPECT_EQ(error.code(), StatusCode::kUnavailable);
  EXPECT_THAT(Text(error), HasSubstr("/x: HTTP 503: busy"));
  EXPECT_THAT(Text(error), Not(HasSubstr("secret")));
}

TEST(HttpTest, ThreadsAskAtOnce) {
  TestHttpServer server([](const Request& request) { return Response{.body = request.target}; });
  EXPECT_TRUE(ParallelFor(24, 4, [&](int64_t i) -> Status {
                const std::string path = fmt::format("/{}", i);
                BESSEMER_ASSIGN_OR_RETURN(const auto got, SendHttp({.url = server.url() + path}));
                return got.body == path ? OkStatus() : InternalError("{} for {}", got.body, path);
              }).ok());
}

TEST(HttpTest, ErrorsNameTheServerAndNoSecrets) {
  const auto refused =
      SendHttp({.url = "http://user:hunter2@127.0.0.1:9/a?key=hunter2", .max_tries = 1});
  EXPECT_EQ(refused.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(Text(refused.status()), StartsWith("GET http://127.0.0.1:9/a: "));
  EXPECT_THAT(Text(refused.status()), Not(HasSubstr("hunter2")));
  EXPECT_EQ(SendHttp({.url = "ftp://127.0.0.1/x", .max_tries = 1}).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_THAT(Text(SendHttp({.url = "http://h", .headers = {{"A", "x\r\nB: y"}}}).status()),
              HasSubstr("line break"));
}

TEST(HttpTest, BodiesAreStreamed) {
  const std::string content(3'000'000, 'z');
  TestHttpServer server([&](const Request&) { return Response{.body = content}; });
  size_t got = 0;
  const auto response = SendHttp({.url = server.url(), .on_body = [&](std::string_view piece) {
                                    got += piece.size();
                                    return OkStatus();
                                  }});
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(got, content.size());
  EXPECT_TRUE(response->body.empty());
  const auto stopped = SendHttp({.url = server.url(), .on_body = [](std::string_view) {
                                   return DataLossError("not wanted");
                                 }});
  EXPECT_EQ(stopped.status().code(), StatusCode::kDataLoss);
}

class Interrupted : public Progress {
 public:
  bool cancelled() const override { return true; }
};

TEST(HttpTest, TimeoutsAndInterruptionsEndIt) {
  std::promise<void> answer_now;  // until then the server does not
  TestHttpServer slow([over = answer_now.get_future().share()](const Request&) {
    over.wait();
    return Response{.hang_up = true};
  });
  const auto late = SendHttp({.url = slow.url(), .max_tries = 1, .timeout_ms = 50});
  EXPECT_EQ(late.status().code(), StatusCode::kDeadlineExceeded);
  Interrupted interrupted;
  EXPECT_EQ(SendHttp({.url = slow.url(), .progress = &interrupted}).status().code(),
            StatusCode::kCancelled);
  answer_now.set_value();
}

TEST(HttpTest, AmazonsSignatureCoversTheHeaders) {
  TestHttpServer server([](const Request&) { return Response{}; });
  const AwsSignature aws{.access_key = "AKID",
                         .secret_key = "hunter2",
                         .session_token = "T",
                         .region = "eu-west-1",
                         .service = "athena"};
  ASSERT_TRUE(SendHttp({.method = "POST",
                        .url = server.url(),
                        .headers = {{"X-Amz-Target", "A.B"}},
                        .body = "{}",
                        .aws = aws})
                  .ok());
  const Request seen = server.requests().at(0);
  const std::string authorization = seen.Header("authorization");
  EXPECT_THAT(authorization, HasSubstr("AWS4-HMAC-SHA256 Credential=AKID/"));
  EXPECT_THAT(authorization, HasSubstr("/eu-west-1/athena/aws4_request"));
  // Nothing that is not sent.
  EXPECT_THAT(authorization,
              HasSubstr("SignedHeaders=host;x-amz-date;x-amz-security-token;x-amz-target,"));
  EXPECT_EQ(seen.Header("x-amz-security-token"), "T");
  EXPECT_THAT(authorization, Not(HasSubstr("hunter2")));
}

TEST(Base64Test, RoundTripsAndRefusesOtherLetters) {
  std::string bytes;
  for (int i = 0; i < 70; ++i) {
    for (const bool url_safe : {false, true}) {
      std::string back;
      EXPECT_TRUE(Base64Decode(Base64Encode(bytes, url_safe), &back));
      EXPECT_EQ(back, bytes);
    }
    bytes.push_back(static_cast<char>(i * 37));
  }
  EXPECT_EQ(Base64Encode("\xfb\xff", true), "-_8");
  EXPECT_EQ(Base64Encode("\xfb\xff", false), "+/8=");
  std::string ignored;
  EXPECT_FALSE(Base64Decode("a!bc", &ignored));
  EXPECT_FALSE(Base64Decode("abcde", &ignored));
}

class GoogleAuthTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "google-auth-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    setenv("HOME", folder_.c_str(), 1);
    unsetenv("GOOGLE_APPLICATION_CREDENTIALS");
    unsetenv("CLOUDSDK_CONFIG");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Write(const Json& json) {
    const std::string path = JoinPath(folder_, "key.json");
    EXPECT_TRUE(WriteFileAtomically(path, json.dump()).ok());
    return path;
  }

  std::string folder_;
};

TEST_F(GoogleAuthTest, TokensAreKeptUntilTheyAreAboutToEnd) {
  int count = 0;
  TestHttpServer server([&](const Request&) {
    return Response{.body =
                        fmt::format(R"({{"access_token": "t{}", "expires_in": 600}})", ++count)};
  });
  FakeClock clock(1'700'000'000'000'000);
  const auto found = GoogleCredentials::Find(Write({{"type", "authorized_user"},
                                                    {"client_id", "id"},
                                                    {"client_secret", "s&s"},
                                                    {"refresh_token", "r"},
                                                    {"token_uri", server.url() + "/token"},
                                                    {"quota_project_id", "p"}}),
                                             clock);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ((*found)->project(), "p");
  EXPECT_EQ(*(*found)->Token("scope"), "t1");
  clock.Advance(500'000'000);
  EXPECT_EQ(*(*found)->Token("scope"), "t1");
  EXPECT_EQ(*(*found)->Token("other"), "t2");
  clock.Advance(50'000'000);
  EXPECT_EQ(*(*found)->Token("scope"), "t3");
  EXPECT_EQ(server.requests().at(0).body,
            "grant_type=refresh_token&client_id=id&client_secret=s%26s&refresh_token=r");
}

TEST_F(GoogleAuthTest, ThreadsShareOneToken) {
  TestHttpServer server([](const Request&) {
    return Response{.body = R"({"access_token": "t", "expires_in": 600})"};
  });
  FakeClock clock(1'700'000'000'000'000);
  const auto found = GoogleCredentials::Find(Write({{"type", "authorized_user"},
                                                    {"client_id", "id"},
                                                    {"client_secret", "s"},
                                                    {"refresh_token", "r"},
                                                    {"token_uri", server.url()}}),
                                             clock);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_TRUE(ParallelFor(16, 4, [&](int64_t) -> Status {
                BESSEMER_ASSIGN_OR_RETURN(const std::string token, (*found)->Token("scope"));
                return token == "t" ? OkStatus() : InternalError("{}", token);
              }).ok());
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(GoogleAuthTest, TheMetadataServerIsAskedWithoutAFile) {
  TestHttpServer server([](const Request& request) {
    const bool fine = request.Header("metadata-flavor") == "Google";
    return Response{.status = fine ? 200 : 403,
                    .body = R"({"access_token": "of the machine", "expires_in": 600})"};
  });
  setenv("GCE_METADATA_HOST", fmt::format("127.0.0.1:{}", server.port()).c_str(), 1);
  // Also where the home folder cannot be looked into.
  for (const std::string& home : {folder_, std::string(5000, 'x')}) {
    setenv("HOME", home.c_str(), 1);
    const auto found = GoogleCredentials::Find("");
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ(*(*found)->Token("s"), "of the machine");
  }
  setenv("GCE_METADATA_HOST", "127.0.0.1:9", 1);
  const Status nowhere = (*GoogleCredentials::Find(""))->Token("s").status();
  unsetenv("GCE_METADATA_HOST");
  EXPECT_EQ(nowhere.code(), StatusCode::kUnauthenticated);
  EXPECT_THAT(Text(nowhere), HasSubstr("GOOGLE_APPLICATION_CREDENTIALS"));
}

TEST_F(GoogleAuthTest, BadFilesAndRefusalsAreExplained) {
  TestHttpServer server([](const Request&) {
    return Response{.status = 400,
                    .body = R"({"error": "invalid_grant", "error_description": "gone"})"};
  });
  const Json user = {{"type", "authorized_user"},
                     {"client_id", "id"},
                     {"client_secret", "hunter2"},
                     {"refresh_token", "r"},
                     {"token_uri", server.url()}};
  const Status refused = (*GoogleCredentials::Find(Write(user)))->Token("s").status();
  EXPECT_EQ(refused.code(), StatusCode::kUnauthenticated);
  EXPECT_THAT(Text(refused), HasSubstr("invalid_grant: gone"));
  EXPECT_THAT(Text(refused), Not(HasSubstr("hunter2")));
  EXPECT_EQ(GoogleCredentials::Find(folder_ + "/none").status().code(), StatusCode::kNotFound);
  EXPECT_THAT(Text(GoogleCredentials::Find(Write({{"type", "external_account"}})).status()),
              HasSubstr("'external_account' are not supported"));
  EXPECT_THAT(Text(GoogleCredentials::Find(Write({{"type", "service_account"}})).status()),
              HasSubstr("'client_email' is missing"));
  const Json account = {
      {"type", "service_account"}, {"client_email", "a@b"}, {"private_key", "hunter2"}};
  const Status key = (*GoogleCredentials::Find(Write(account)))->Token("s").status();
  EXPECT_THAT(Text(key), HasSubstr("not an RSA key"));
  EXPECT_THAT(Text(key), Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace bessemer::io
