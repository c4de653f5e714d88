#include "bessemer/cli/source_flags.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "bessemer/base/config.h"
#include "bessemer/example_gen/query_macros.h"
#include "bessemer/io/crc32c.h"
#include "bessemer/io/file.h"
#include "bessemer/io/publish.h"
#include "bessemer/io/staged_file.h"
#include "bessemer/statistics/inputs.h"

namespace bessemer::cli {
namespace {

// "name=value"; the value of a parameter that is text as it stands, of others as YAML reads it: 3,
// true, [a, b], {a: b}.
Status AddParam(const std::string& text, const std::vector<Param>& declared, Json* params) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return InvalidArgumentError("--param {}: must be name=value", text);
  }
  const std::string value = text.substr(equals + 1);
  for (const Param& param : declared) {
    if (param.name != text.substr(0, equals) || param.type != ParamType::kString) continue;
    (*params)[param.name] = value;
    return OkStatus();
  }
  BESSEMER_ASSIGN_OR_RETURN(const ConfigNode node,
                            ConfigNode::Parse(value, "--param " + text.substr(0, equals)));
  (*params)[text.substr(0, equals)] = node.ToJson();
  return OkStatus();
}

// The length of the first record and its checksum.
bool BeginsTFRecord(std::string_view begin) {
  if (begin.size() < 12) return false;
  uint32_t crc = 0;
  std::memcpy(&crc, begin.data() + 8, sizeof crc);
  return crc == io::MaskCrc(io::Crc32c(begin.substr(0, 8)));
}

// What bytes without a name are, by their beginning: a suffix that a source knows.
std::string SuffixOf(std::string_view begin) {
  for (const example_gen::Source& source : example_gen::Sources().entries()) {
    if (!source.magic.empty() && !source.suffixes.empty() && begin.starts_with(source.magic)) {
      return source.suffixes.front();
    }
  }
  if (BeginsTFRecord(begin)) return ".tfrecord";
  const size_t first = begin.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && begin[first] == '{' ? ".jsonl" : ".csv";
}

void RemoveAtExit(std::string folder) {
  struct Folders {
    std::vector<std::string> names;
    ~Folders() {
      for (const std::string& name : names) io::RemoveTree(name).IgnoreError();
    }
  };
  static Folders folders;
  folders.names.push_back(std::move(folder));
}

// What a stream gives next, however long it takes; a signal ends the waiting.
StatusOr<size_t> ReadSome(int fd, const std::string& stream, const Progress& progress,
                          char* buffer, size_t size) {
  constexpr int kPollMs = 100;
  pollfd ready{.fd = fd, .events = POLLIN, .revents = 0};
  while (!progress.cancelled()) {
    if (poll(&ready, 1, kPollMs) <= 0) continue;
    const ssize_t got = read(fd, buffer, size);
    if (got >= 0) return static_cast<size_t>(got);
    if (errno != EINTR && errno != EAGAIN) {
      return UnavailableError("{}: cannot read: {}", stream, std::strerror(errno));
    }
  }
  return CancelledError("{}: interrupted while it was read", stream);
}

Status CopyStream(int fd, const std::string& stream, const std::string& folder,
                  const Progress& progress, std::string* path) {
  std::string buffer(1 << 20, '\0');
  size_t size = 0;
  while (size < buffer.size()) {  // a pipe gives little at a time
    BESSEMER_ASSIGN_OR_RETURN(const size_t got, ReadSome(fd, stream, progress, buffer.data() + size,
                                                         buffer.size() - size));
    if (got == 0) break;
    size += got;
  }
  *path = io::JoinPath(folder, "stdin" + SuffixOf(std::string_view(buffer).substr(0, size)));
  BESSEMER_ASSIGN_OR_RETURN(const auto out, io::OpenOutput(*path));
  while (size > 0) {
    BESSEMER_RETURN_IF_ERROR(out->Write(std::string_view(buffer).substr(0, size)));
    BESSEMER_ASSIGN_OR_RETURN(size,
                              ReadSome(fd, stream, progress, buffer.data(), buffer.size()));
  }
  return out->Close();
}

// A copy of the stream, in a folder that goes with the process.
StatusOr<std::string> Spool(const std::string& stream, const Progress& progress) {
  std::string folder = io::JoinPath(io::TemporaryFolder(), "bessemer-input-XXXXXX");
  if (mkdtemp(folder.data()) == nullptr) {
    return UnavailableError("{}: cannot make a folder for a copy of {}: {}; set TMPDIR", folder,
                            stream, std::strerror(errno));
  }
  RemoveAtExit(folder);
  const int fd = open(stream.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return NotFoundError("{}: cannot open: {}", stream, std::strerror(errno));
  std::string path;
  const Status status = CopyStream(fd, stream, folder, progress, &path);
  close(fd);
  BESSEMER_RETURN_IF_ERROR(status);
  return path;
}

}  // namespace

StatusOr<std::string> FileOf(const std::string& path, Session& session) {
  return io::IsStream(path) ? Spool(path, session.progress()) : StatusOr<std::string>(path);
}

void AddFormatFlags(CLI::App& verb, SourceFlags& flags) {
  verb.add_option("--format,--source", flags.format,
                  "The source that reads, e.g. avro, or runs the query; none: by the files' names");
  verb.add_option("--param", flags.params,
                  "A parameter of it, name=value, e.g. column_names=[a, b]; may be repeated")
      ->allow_extra_args(false);
  verb.add_option("--null", flags.null_spellings,
                  "A cell of CSV that is missing, as an empty one is, e.g. NA; may be repeated")
      ->allow_extra_args(false);
  verb.add_option("--delimiter", flags.delimiter, "The character between cells of CSV");
}

void AddQueryFlags(CLI::App& verb, SourceFlags& flags) {
  verb.add_option("--query", flags.query, "A query to run instead of files; needs --source");
  verb.add_option("--connection", flags.connection,
                  "Where its engine is, e.g. shop.db or postgresql://reader@db.example/shop");
  verb.add_option("--span", flags.span,
                  "The span, a day since 1970-01-01, for @span_ macros in it");
}

void AddSourceFlags(CLI::App& verb, SourceFlags& flags) {
  AddFormatFlags(verb, flags);
  verb.add_flag("--skip-bad-rows", flags.skip_bad_rows,
                "Leave rows that break their format out instead of failing");
  AddQueryFlags(verb, flags);
}

void NameStandardStreams(CLI::App& app) {
  static const std::set<std::string> kReadOptions = {
      "stats", "examples",          "schema",            "previous", "previous-version", "serving",
      "rules", "custom-validation", "validation-config", "options",  "anomalies"};
  static const std::set<std::string> kWrittenOptions = {"out", "state", "bad-rows", "fix"};
  static const std::set<std::string> kRead = {"path",   "from",       "left", "right",
                                              "base",   "test",       "file", "state",
                                              "schema", "statistics", "anomalies"};
  static const std::set<std::string> kWritten = {"to"};
  const auto replace = [](CLI::Option* option, const char* stream) {
    option->transform(CLI::Validator(
        [stream](std::string& value) {
          if (value == "-") value = stream;
          return std::string();
        },
        ""));
  };
  for (CLI::Option* option : app.get_options([](const CLI::Option*) { return true; })) {
    const std::string positional = option->get_name(/*positional=*/true);
    const std::string name = option->get_lnames().empty() ? "" : option->get_lnames().front();
    if (kReadOptions.contains(name) || kRead.contains(positional)) replace(option, "/dev/stdin");
    if (kWrittenOptions.contains(name) || kWritten.contains(positional)) {
      replace(option, "/dev/stdout");
    }
  }
  for (CLI::App* sub : app.get_subcommands([](CLI::App*) { return true; })) {
    NameStandardStreams(*sub);
  }
}

StatusOr<example_gen::RowOptions> ReadSourceFlags(const SourceFlags& flags,
                                                  const example_gen::Source& source,
                                                  Session& session) {
  Json params = Json::object();
  if (!flags.null_spellings.empty()) params["null_spellings"] = flags.null_spellings;
  if (flags.delimiter.size() > 1) {
    return InvalidArgumentError("--delimiter {}: must be one character", flags.delimiter);
  }
  if (!flags.delimiter.empty()) params["delimiter"] = flags.delimiter;
  params = example_gen::ParamsOf(source, params);
  if (!flags.connection.empty()) params["connection"] = flags.connection;
  for (const std::string& text : flags.params) {
    BESSEMER_RETURN_IF_ERROR(AddParam(text, source.params, &params));
  }
  return example_gen::RowOptions{.params = std::move(params),
                                 .on_bad_row = flags.skip_bad_rows
                                                   ? example_gen::OnBadRow::kQuarantine
                                                   : example_gen::OnBadRow::kFail,
                                 .num_threads = session.num_threads,
                                 .progress = &session.progress()};
}

StatusOr<std::unique_ptr<example_gen::RowInput>> OpenRows(const example_gen::RowFiles& files,
                                                          const SourceFlags& flags,
                                                          Session& session) {
  BESSEMER_ASSIGN_OR_RETURN(const example_gen::RowOptions options,
                            ReadSourceFlags(flags, *files.source, session));
  return example_gen::OpenRowFiles(files, options);
}

StatusOr<std::vector<std::unique_ptr<example_gen::RowInput>>> OpenAllRows(
    const std::vector<std::string>& paths, const SourceFlags& flags, Session& session) {
  std::vector<std::unique_ptr<example_gen::RowInput>> inputs;
  if (paths.empty() || !flags.query.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(auto rows, OpenRows(paths.empty() ? "" : paths[0], flags, session));
    inputs.push_back(std::move(rows));
    return inputs;
  }
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    BESSEMER_ASSIGN_OR_RETURN(files.emplace_back(), FileOf(path, session));
  }
  BESSEMER_ASSIGN_OR_RETURN(const auto groups, statistics::FindInputs(files, flags.format));
  for (const example_gen::RowFiles& group : groups) {
    BESSEMER_ASSIGN_OR_RETURN(auto rows, OpenRows(group, flags, session));
    inputs.push_back(std::move(rows));
  }
  return inputs;
}

StatusOr<std::unique_ptr<example_gen::RowInput>> OpenRows(const std::string& path,
                                                          const SourceFlags& flags,
                                                          Session& session) {
  if (flags.query.empty()) {
    if (path.empty()) return InvalidArgumentError("give a file, or a query with --query");
    BESSEMER_ASSIGN_OR_RETURN(const std::string file, FileOf(path, session));
    BESSEMER_ASSIGN_OR_RETURN(const example_gen::RowFiles files,
                              example_gen::FindRowFiles(file, flags.format));
    return OpenRows(files, flags, session);
  }
  if (!path.empty()) return InvalidArgumentError("{}: give either files or --query", path);
  if (flags.format.empty()) {
    return InvalidArgumentError("--query needs --source: the engine that runs it");
  }
  BESSEMER_ASSIGN_OR_RETURN(const example_gen::Source* const source,
                            example_gen::Sources().Find(flags.format));
  BESSEMER_ASSIGN_OR_RETURN(const example_gen::RowOptions options,
                            ReadSourceFlags(flags, *source, session));
  BESSEMER_ASSIGN_OR_RETURN(const std::string query,
                            example_gen::ReplaceSpanMacros(flags.query, flags.span));
  return example_gen::RunRowQuery(*source, query, options);
}

}  // namespace bessemer::cli
