#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "bessemer/base/parallel.h"
#include "bessemer/base/random.h"
#include "bessemer/io/crc32c.h"
#include "bessemer/io/fault.h"
#include "bessemer/io/file.h"
#include "bessemer/io/publish.h"
#include "bessemer/io/staged_file.h"
#include "bessemer/io/tfrecord.h"
#include "bessemer/io/tree.h"

namespace bessemer::io {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class IoTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "bessemer-io-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(root_); }
  std::string Path(std::string_view name) const { return JoinPath(root_, name); }

  std::vector<std::string> ReadRecords(const std::string& path, Status* status) {
    std::vector<std::string> records;
    auto reader = TFRecordReader::Open(path);
    if (!reader.ok()) {
      *status = reader.status();
      return records;
    }
    std::string_view record;
    while (true) {
      StatusOr<bool> more = (*reader)->Next(&record);
      *status = more.status();
      if (!more.ok() || !*more) return records;
      records.emplace_back(record);
    }
  }

  std::string root_;
};

TEST_F(IoTest, CrcMatchesTheStandardAndThePortableVersion) {
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283u);  // RFC 3720
  Random random(1);
  std::string data;
  for (int size = 0; size < 200; ++size) {
    EXPECT_EQ(Crc32c(data), Crc32cPortable(data)) << size;
    data.push_back(static_cast<char>(random.Next()));
  }
}

TEST_F(IoTest, TFRecordRoundTripsPlainAndGzip) {
  Random random(2);
  std::vector<std::string> records;
  for (int i = 0; i < 500; ++i) {
    std::string record(random.Below(i == 7 ? 3000000 : 2000), '\0');
    for (char& c : record) c = static_cast<char>(random.Below(8));
    records.push_back(record);
  }
  for (const Compression compression : {Compression::kNone, Compression::kGzip}) {
    const std::string path = Path(compression == Compression::kNone ? "plain" : "gz");
    auto writer = TFRecordWriter::Open(path, compression);
    ASSERT_TRUE(writer.ok());
    for (const std::string& record : records) ASSERT_TRUE((*writer)->Write(record).ok());
    ASSERT_TRUE((*writer)->Close().ok());
    Status status;
    EXPECT_EQ(ReadRecords(path, &status), records);
    EXPECT_TRUE(status.ok()) << status;
  }
}

TEST_F(IoTest, EveryDamageToATFRecordIsNoticed) {
  const std::string path = Path("r");
  auto writer = TFRecordWriter::Open(path, Compression::kNone);
  ASSERT_TRUE((*writer)->Write("first record").ok());
  ASSERT_TRUE((*writer)->Write("second").ok());
  ASSERT_TRUE((*writer)->Close().ok());
  const std::string good = *ReadFile(path);
  Status status;
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    ASSERT_TRUE(WriteFileAtomically(path, bad).ok());
    ReadRecords(path, &status);
    EXPECT_EQ(status.code(), StatusCode::kDataLoss) << "flipped a bit of byte " << i;
    ASSERT_TRUE(WriteFileAtomically(path, good.substr(0, i)).ok());
    const auto records = ReadRecords(path, &status);
    const bool at_boundary = i == 0 || i == 28;
    EXPECT_EQ(status.ok(), at_boundary) << "cut at byte " << i;
  }
  EXPECT_THAT(std::string(Message(status)), HasSubstr("record 1 at byte 28"));
}

TEST_F(IoTest, DamagedGzipIsNoticed) {
  const std::string path = Path("r.gz");
  auto writer = TFRecordWriter::Open(path, Compression::kGzip);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE((*writer)->Write(fmt::format("record {}", i)).ok());
  ASSERT_TRUE((*writer)->Close().ok());
  const std::string good = *ReadFile(path);
  for (size_t cut = 2; cut < good.size(); cut += 7) {
    ASSERT_TRUE(WriteFileAtomically(path, good.substr(0, cut)).ok());
    Status status;
    ReadRecords(path, &status);
    EXPECT_EQ(status.code(), StatusCode::kDataLoss) << cut;
  }
}

TEST_F(IoTest, ListFilesMatchesLikeAShell) {
  for (const char* name : {"a/1.csv", "a/2.csv", "a/.hidden", "a/_done", "b/1.csv", "a/c/3.csv"}) {
    ASSERT_TRUE(WriteFileAtomically(Path(name), "x").ok() ||
                MakeDirectories(DirName(Path(name))).ok());
    ASSERT_TRUE(WriteFileAtomically(Path(name), "x").ok());
  }
  auto list = [&](const char* pattern) {
    auto files = ListFiles(Path(pattern));
    if (!files.ok()) return std::vector<std::string>{std::string(Message(files.status()))};
    for (std::string& file : *files) file = file.substr(root_.size() + 1);
    return *files;
  };
  EXPECT_THAT(list("a/*.csv"), ElementsAre("a/1.csv", "a/2.csv"));
  EXPECT_THAT(list("*/1.csv"), ElementsAre("a/1.csv", "b/1.csv"));
  EXPECT_THAT(list("a"), ElementsAre("a/1.csv", "a/2.csv"));
  EXPECT_THAT(list("a/?.csv"), ElementsAre("a/1.csv", "a/2.csv"));
  EXPECT_THAT(list("none*"), ElementsAre(HasSubstr("no file matches")));
}

TEST_F(IoTest, MissingFilesAndDirectoriesAreNamed) {
  const Status missing = ReadFile(Path("nope")).status();
  EXPECT_EQ(missing.code(), StatusCode::kNotFound);
  EXPECT_THAT(std::string(Message(missing)), HasSubstr("/nope: cannot open"));
  EXPECT_EQ(ReadFile(root_).status().code(), StatusCode::kInvalidArgument);
}

TEST_F(IoTest, FoldersAreMadeWhileOthersRemoveWhatIsEmpty) {
  const Status status = ParallelFor(400, 4, [&](int64_t i) -> Status {
    const std::string own = Path(fmt::format("shared/below/{}", i));
    BESSEMER_RETURN_IF_ERROR(MakeDirectories(own));
    if (!*IsDirectory(own)) return InternalError("{} is not there", own);
    BESSEMER_RETURN_IF_ERROR(RemoveTree(own));
    std::error_code not_empty;
    std::filesystem::remove(Path("shared/below"), not_empty);
    std::filesystem::remove(Path("shared"), not_empty);
    return OkStatus();
  });
  EXPECT_TRUE(status.ok()) << Message(status);
}

TEST_F(IoTest, WhatCannotBeLookedAtIsNotTakenForMissing) {
  ASSERT_TRUE(WriteFileAtomically(Path("file"), "x").ok());
  EXPECT_TRUE(*Exists(Path("file")) && *Exists(root_) && *IsDirectory(root_));
  EXPECT_FALSE(*IsDirectory(Path("file")) || *Exists(Path("none")) || *Exists(Path("file/below")));
  const Status endless = Exists(Path(std::string(5000, 'x'))).status();
  EXPECT_EQ(endless.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(Message(endless)), HasSubstr("cannot look at it: File name too long"));
}

TEST_F(IoTest, AFailedAtomicWriteLeavesTheOldFile) {
  const std::string path = Path("f");
  ASSERT_TRUE(WriteFileAtomically(path, "old").ok());
  for (int fail_at = 1;; ++fail_at) {
    int calls = 0;
    Status status;
    {
      const ScopedFaultHandler handler([&](WriteOp, const std::string&) {
        return ++calls == fail_at ? ResourceExhaustedError("full") : OkStatus();
      });
      status = WriteFileAtomically(path, "new");
    }
    if (calls < fail_at) break;
    const std::string content = *ReadFile(path);
    EXPECT_TRUE(content == "old" || content == "new");
    if (content == "old") {
      EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
    }
    EXPECT_THAT(*ListTree(root_), ElementsAre("f"));
    ASSERT_TRUE(WriteFileAtomically(path, "old").ok());
  }
}

TEST_F(IoTest, AnAtomicWriteKeepsLinksAndPipes) {
  ASSERT_TRUE(MakeDirectories(Path("real")).ok());
  ASSERT_TRUE(WriteFileAtomically(Path("real/f"), "old").ok());
  std::filesystem::create_symlink("real/f", Path("link"));
  ASSERT_TRUE(WriteFileAtomically(Path("link"), "new").ok());
  EXPECT_TRUE(std::filesystem::is_symlink(Path("link")));
  EXPECT_EQ(*ReadFile(Path("real/f")), "new");
  // One that points to nothing yet.
  std::filesystem::create_symlink(Path("real/later"), Path("early"));
  ASSERT_TRUE(WriteFileAtomically(Path("early"), "made").ok());
  EXPECT_EQ(*ReadFile(Path("real/later")), "made");

  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  const int reader = open(Path("pipe").c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  ASSERT_TRUE(WriteFileAtomically(Path("pipe"), "bytes").ok());
  char got[8] = {};
  EXPECT_EQ(read(reader, got, sizeof got), 5);
  close(reader);
  EXPECT_STREQ(got, "bytes");
  EXPECT_TRUE(std::filesystem::is_fifo(Path("pipe")));
}

TEST_F(IoTest, FilesInMemoryAreWrittenAsideStreamsAreNot) {
  EXPECT_FALSE(IsStream("/dev/shm") || IsStream(root_) || IsStream(Path("none")));
  EXPECT_THAT(StagedFile::Create("/dev/shm/rows.csv").path(),
              testing::MatchesRegex("/dev/shm/.staging-.*-rows.csv"));
  for (const char* path : {"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "/dev/null"}) {
    EXPECT_EQ(StagedFile::Create(path).path(), path);
  }
}

TEST_F(IoTest, AStagedFileEndsAsItsNameAndGoesUnlessPublished) {
  {
    const StagedFile staged = StagedFile::Create(Path("rows.csv.gz"));
    EXPECT_THAT(staged.path(), testing::EndsWith("rows.csv.gz"));
    ASSERT_TRUE((*OpenOutput(staged.path()))->Close().ok());
    const Status status = staged.Explain(UnavailableError("{}: cannot write", staged.path()));
    EXPECT_EQ(Message(status), Path("rows.csv.gz") + ": cannot write");
  }
  EXPECT_THAT(*ListTree(root_), ElementsAre());
  StagedFile staged = StagedFile::Create(Path("rows.csv"));
  ASSERT_TRUE((*OpenOutput(staged.path()))->Close().ok());
  ASSERT_TRUE(staged.Publish().ok());
  EXPECT_THAT(*ListTree(root_), ElementsAre("rows.csv"));
}

TEST_F(IoTest, WhatIsReplacedLeavesItsModeNewFilesFollowTheUmask) {
  const auto mode_of = [](const std::string& path) {
    struct stat info = {};
    EXPECT_EQ(stat(path.c_str(), &info), 0) << path;
    return info.st_mode & 07777;
  };
  const mode_t before = umask(027);
  ASSERT_TRUE(WriteFileAtomically(Path("new"), "1").ok());
  EXPECT_EQ(mode_of(Path("new")), 0640);
  for (const mode_t mode : {0600, 0664, 0444, 0755}) {
    ASSERT_EQ(chmod(Path("new").c_str(), mode), 0);
    ASSERT_TRUE(WriteFileAtomically(Path("new"), "2").ok());
    EXPECT_EQ(mode_of(Path("new")), mode);
  }
  // Through a link, and not readable to others while it is written.
  std::filesystem::create_symlink("new", Path("link"));
  ASSERT_EQ(chmod(Path("new").c_str(), 0600), 0);
  StagedFile staged = StagedFile::Create(Path("link"));
  ASSERT_TRUE((*OpenOutput(staged.path()))->Close().ok());
  EXPECT_EQ(mode_of(staged.path()), 0600);
  ASSERT_TRUE(staged.Publish().ok());
  EXPECT_EQ(mode_of(Path("new")), 0600);
  EXPECT_TRUE(std::filesystem::is_symlink(Path("link")));
  umask(before);
  EXPECT_THAT(*ListTree(root_), ElementsAre("link", "new"));
}

// An address where nobody listens, on a store whose uploads wait in a temporary file.
constexpr char kNobody[] =
    "gs://bucket/file?endpoint_override=127.0.0.1:9&scheme=http&anonymous=true"
    "&retry_limit_seconds=1";

TEST_F(IoTest, AFullDiskUnderAnUploadPublishesNothing) {
  const auto out = OpenOutput(kNobody);
  ASSERT_TRUE(out.ok()) << out.status();
  ASSERT_TRUE((*out)->Write(std::string(100, 'x')).ok()) << "still in memory";
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit full = {10, before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &full), 0);
  const Status status = (*out)->Close();
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted) << status;
  EXPECT_THAT(std::string(Message(status)), HasSubstr("cannot keep it in a temporary file"));
}

TEST_F(IoTest, ATemporaryFolderThatIsNoneIsNotUsed) {
  const char* before = getenv("TMPDIR");
  const std::string kept = before == nullptr ? "" : before;
  setenv("TMPDIR", Path("none").c_str(), 1);
  EXPECT_EQ(TemporaryFolder(), "/tmp");
  EXPECT_EQ(LocalCopy::Make(kNobody).status().code(), StatusCode::kUnavailable);
  setenv("TMPDIR", root_.c_str(), 1);
  EXPECT_EQ(TemporaryFolder(), root_);
  before == nullptr ? unsetenv("TMPDIR") : setenv("TMPDIR", kept.c_str(), 1);
}

TEST_F(IoTest, AStagedDirectoryAppearsWholeOrNotAtAll) {
  const std::string path = Path("out");
  {
    auto staged = StagedDirectory::Create(path);
    ASSERT_TRUE(staged.ok());
    ASSERT_TRUE(WriteFileAtomically(JoinPath(staged->path(), "x"), "1").ok());
    EXPECT_FALSE(*Exists(path));
  }
  EXPECT_THAT(*ListTree(root_), ElementsAre());
  auto staged = StagedDirectory::Create(path);
  ASSERT_TRUE(WriteFileAtomically(JoinPath(staged->path(), "x"), "1").ok());
  ASSERT_TRUE(staged->Publish().ok());
  EXPECT_THAT(*ListTree(root_), ElementsAre("out/x"));
  EXPECT_EQ(StagedDirectory::Create(path).status().code(), StatusCode::kAlreadyExists);
}

TEST_F(IoTest, StaleStagingOfDeadProcessesIsRemoved) {
  ASSERT_TRUE(MakeDirectories(Path(".staging-999999999-0-x")).ok());
  // Whatever the name is, what this process stages is kept.
  const auto folder = StagedDirectory::Create(Path("999999999-0"));
  ASSERT_TRUE(folder.ok());
  const StagedFile file = StagedFile::Create(Path("rows.999999999-0"));
  ASSERT_TRUE((*OpenOutput(file.path()))->Close().ok());
  ASSERT_TRUE(RemoveStaleStaging(root_).ok());
  EXPECT_FALSE(*Exists(Path(".staging-999999999-0-x")));
  EXPECT_TRUE(*Exists(folder->path()));
  EXPECT_TRUE(*Exists(file.path()));

  const pid_t child = fork();
  if (child == 0) _exit(0);
  siginfo_t info;
  ASSERT_EQ(waitid(P_PID, child, &info, WEXITED | WNOWAIT), 0);  // a zombie from here on
  const std::string left = Path(fmt::format(".staging-{}-0-z", child));
  ASSERT_TRUE(MakeDirectories(left).ok());
  EXPECT_TRUE(RemoveStaleStaging(root_).ok());
  EXPECT_FALSE(*Exists(left));
  EXPECT_EQ(waitpid(child, nullptr, 0), child);
}

TEST_F(IoTest, ARecordWhoseLengthLooksLikeGzipIsARecord) {
  const std::string record(0x8b1f, 'r');  // the file begins with gzip's magic number
  const std::string path = Path("magic.tfrecord");
  auto writer = TFRecordWriter::Open(path, Compression::kNone);
  ASSERT_TRUE(writer.ok() && (*writer)->Write(record).ok() && (*writer)->Close().ok());
  auto reader = TFRecordReader::Open(path);
  ASSERT_TRUE(reader.ok());
  std::string_view read;
  const auto more = (*reader)->Next(&read);
  ASSERT_TRUE(more.ok()) << more.status();
  EXPECT_TRUE(*more && read == record);
}

}  // namespace
}  // namespace bessemer::io
