#include "bessemer/io/file_hashes.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "bessemer/base/hash.h"
#include "bessemer/io/file.h"
#include "bessemer/io/publish.h"

namespace bessemer::io {
namespace {

class FileHashesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / fmt::format("bessemer_hashes_{}", getpid());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    file_ = folder_ / "data";
    store_ = folder_ / "hashes.json";
    Write("first");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // In place: the inode stays. With a time given, as a copy that keeps times would. Later than the
  // write before by the clock of the file system, which stands still for some milliseconds.
  void Write(const std::string& text, const timespec* modified = nullptr) {
    const int fd = open(file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ASSERT_EQ(write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    struct stat info;
    do {
      const timespec now[] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
      ASSERT_EQ(futimens(fd, now), 0);
      ASSERT_EQ(fstat(fd, &info), 0);
    } while (info.st_ctim.tv_sec == changed_.tv_sec && info.st_ctim.tv_nsec == changed_.tv_nsec);
    changed_ = info.st_ctim;
    if (modified != nullptr) {
      const timespec times[] = {*modified, *modified};
      ASSERT_EQ(futimens(fd, times), 0);
    }
    close(fd);
  }

  // The hash, and how many files a process had to read for it.
  std::pair<std::string, int64_t> Hash(const Clock& clock) {
    FileHashes hashes(store_, clock);
    const auto hash = hashes.Hash(file_);
    EXPECT_TRUE(hash.ok()) << hash.status();
    EXPECT_TRUE(hashes.Save().ok());
    return {hash.value_or(""), hashes.num_read()};
  }

  std::filesystem::path folder_;
  std::string file_, store_;
  timespec changed_{};
  // Long after the files of the test were written, or long before.
  FakeClock late_{Clock::System().NowMicros() + 3'600'000'000};
  FakeClock early_{0};
};

TEST_F(FileHashesTest, UnchangedFilesAreReadOnce) {
  EXPECT_EQ(Hash(late_), std::pair(Sha256Hex("first"), int64_t{1}));
  EXPECT_EQ(Hash(late_), std::pair(Sha256Hex("first"), int64_t{0}));
  EXPECT_EQ(Hash(early_).second, 0) << "when it is asked does not matter, when it was noted does";
  Write("other");
  EXPECT_EQ(Hash(late_), std::pair(Sha256Hex("other"), int64_t{1}));
}

TEST_F(FileHashesTest, AFreshFileIsReadAgain) {
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Hash(early_), std::pair(Sha256Hex("first"), int64_t{1}));
  }
  EXPECT_FALSE(*Exists(store_)) << "there is nothing to keep";
}

TEST_F(FileHashesTest, ContentOfEqualSizeAndTimeIsSeen) {
  struct stat info;
  ASSERT_EQ(stat(file_.c_str(), &info), 0);
  EXPECT_EQ(Hash(late_).first, Sha256Hex("first"));
  Write("other", &info.st_mtim);
  EXPECT_EQ(Hash(late_), std::pair(Sha256Hex("other"), int64_t{1}));
}

TEST_F(FileHashesTest, ADamagedStoreIsNone) {
  Hash(late_);
  const std::string whole = *ReadFile(store_);
  for (const std::string& text :
       {std::string(), std::string("[]"), whole.substr(0, whole.size() / 2),
        std::string(R"({"version": 1, "files": {"x": [1, 2], "y": 3}})"),
        std::string(R"({"version": 2, "files": {}})")}) {
    ASSERT_TRUE(WriteFileAtomically(store_, text).ok());
    EXPECT_EQ(Hash(late_), std::pair(Sha256Hex("first"), int64_t{1})) << text;
  }
  EXPECT_EQ(Hash(late_).second, 0);
}

class Interrupted : public Progress {
 public:
  bool cancelled() const override { return now; }
  bool now = true;
};

TEST_F(FileHashesTest, EndsWhenInterrupted) {
  Interrupted interrupted;
  FileHashes hashes(store_, late_, interrupted);
  const Status status = hashes.Hash(file_).status();
  EXPECT_EQ(status.code(), StatusCode::kCancelled);
  EXPECT_EQ(Message(status), file_ + ": interrupted while it was hashed");
  interrupted.now = false;
  EXPECT_EQ(*hashes.Hash(file_), Sha256Hex("first")) << "nothing is kept of half a file";
}

TEST_F(FileHashesTest, FilesThatAreGoneAreForgotten) {
  FileHashes hashes(store_, late_);
  ASSERT_TRUE(hashes.Hash(file_).ok());
  ASSERT_TRUE(hashes.Save().ok());
  std::filesystem::remove(file_);
  EXPECT_EQ(hashes.Hash(file_).status().code(), StatusCode::kNotFound);
  file_ = folder_ / "second";
  Write("second");
  Hash(late_);
  EXPECT_EQ(ReadFile(store_)->find("/data\""), std::string::npos);
  EXPECT_NE(ReadFile(store_)->find("/second\""), std::string::npos);
}

}  // namespace
}  // namespace bessemer::io
