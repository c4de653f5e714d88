#include "bessemer/cli/source_flags.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <set>

#include "bessemer/base/config.h"
#include "bessemer/example_gen/bad_rows.h"
#include "bessemer/example_gen/query_macros.h"
#include "bessemer/io/compression.h"
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

// What bytes without a name are, by their beginning: a suffix that a source knows.
StatusOr<std::string> SuffixOf(std::string_view begin) {
  if (const std::string_view archive = example_gen::ForeignArchive(begin); !archive.empty()) {
    return InvalidArgumentError("{} is not read here; unpack it first", archive);
  }
  if (const example_gen::Source* source = example_gen::SourceOfBytes(begin)) {
    if (!source->suffixes.empty()) return source->suffixes.front();
  }
  const size_t first = begin.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && begin[first] == '{' ? ".jsonl" : ".csv";
}

// Gives the copy of a stream the name of what it holds.
Status NameCopy(std::string* path) {
  BESSEMER_ASSIGN_OR_RETURN(const io::MaybeCompressed copy,
                            io::OpenMaybeCompressed(*path, [](std::string_view begin) {
                              return example_gen::SourceOfBytes(begin) != nullptr;
                            }));
  std::string begin(4096, '\0');
  size_t size = 0;
  while (size < begin.size()) {
    BESSEMER_ASSIGN_OR_RETURN(const size_t got,
                              copy.stream->Read(begin.data() + size, begin.size() - size));
    if (got == 0) break;
    size += got;
  }
  begin.resize(size);
  BESSEMER_ASSIGN_OR_RETURN(const std::string suffix, SuffixOf(begin));
  const std::string unnamed = *path;
  *path += suffix;
  if (rename(unnamed.c_str(), path->c_str()) == 0) return OkStatus();
  return UnavailableError("{}: cannot rename: {}", unnamed, std::strerror(errno));
}

// Copies of streams and what they are copies of.
std::vector<std::pair<std::string, std::string>>& Copies() {
  static std::vector<std::pair<std::string, std::string>> copies;
  return copies;
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
  *path = io::JoinPath(folder, "stdin");
  BESSEMER_ASSIGN_OR_RETURN(const auto out, io::OpenOutput(*path));
  std::string buffer(1 << 20, '\0');
  while (true) {
    BESSEMER_ASSIGN_OR_RETURN(const size_t size,
                              ReadSome(fd, stream, progress, buffer.data(), buffer.size()));
    if (size == 0) break;
    BESSEMER_RETURN_IF_ERROR(out->Write(std::string_view(buffer).substr(0, size)));
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
  const std::string name = stream == "/dev/stdin" ? "standard input" : stream;
  Copies().emplace_back(path, name);
  const Status named = NameCopy(&path);
  if (!named.ok()) return WithContext(named, name);
  Copies().back().first = path;
  return path;
}

}  // namespace

StatusOr<std::string> FileOf(const std::string& path, Session& session) {
  return io::IsStream(path) ? Spool(path, session.progress()) : StatusOr<std::string>(path);
}

std::string NameStreams(std::string text) {
  for (const auto& [path, stream] : Copies()) {
    for (size_t at = text.find(path); at != std::string::npos; at = text.find(path, at)) {
      text.replace(at, path.size(), stream);
    }
  }
  return text;
}

StatusOr<int64_t> SaySkippedRows(const std::vector<const example_gen::RowInput*>& inputs) {
  int64_t num_rows = 0;
  std::string first;
  for (const example_gen::RowInput* const input : inputs) {
    const example_gen::BadRows* const bad = input->bad_rows();
    if (bad == nullptr || bad->num_rows() == 0) continue;
    num_rows += bad->num_rows();
    for (int64_t block = 0; first.empty() && block < input->num_blocks(); ++block) {
      BESSEMER_ASSIGN_OR_RETURN(first, bad->Lines(block));
    }
  }
  if (num_rows == 0) return num_rows;
  const Json row = Json::parse(first.substr(0, first.find('\n')), nullptr, false);
  std::fflush(stdout);
  fmt::print(stderr, "skipped {} row{} that break{} the format; the first: {}:{}: {}\n", num_rows,
             num_rows == 1 ? "" : "s", num_rows == 1 ? "s" : "",
             NameStreams(row.value("file", "")), row.value("line", int64_t{0}),
             row.value("reason", ""));
  return num_rows;
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
  verb.add_option("--delimiter", flags.delimiter,
                  "The character between cells of CSV, e.g. ';' or '\\t', a tab");
  verb.add_option("--encoding", flags.encoding,
                  "The encoding of CSV, e.g. windows-1252, iso-8859-1, utf-16; UTF-8 unless given");
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
  if (flags.delimiter && flags.delimiter->size() != 1 && *flags.delimiter != "\\t") {
    return InvalidArgumentError("--delimiter '{}': must be one character", *flags.delimiter);
  }
  if (flags.delimiter) params["delimiter"] = *flags.delimiter;
  if (flags.encoding) params["encoding"] = *flags.encoding;
  params = example_gen::ParamsOf(source, params);
  if (!flags.connection.empty()) params["connection"] = flags.connection;
  for (const std::string& text : flags.params) {
    BESSEMER_RETURN_IF_ERROR(AddParam(text, source.params, &params));
  }
  return example_gen::RowOptions{.params = std::move(params),
                                 .on_bad_row = flags.skip_bad_rows
                                                   ? example_gen::OnBadRow::kQuarantine
                                                   : example_gen::OnBadRow::kFail,
                                 .known_types = flags.known_types,
                                 .exact_values = flags.exact_values,
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
  const auto found = example_gen::Sources().Find(flags.format);
  if (!found.ok()) return InvalidArgumentError("{}", Message(found.status()));
  const example_gen::Source* const source = *found;
  BESSEMER_ASSIGN_OR_RETURN(const example_gen::RowOptions options,
                            ReadSourceFlags(flags, *source, session));
  BESSEMER_ASSIGN_OR_RETURN(const std::string query,
                            example_gen::ReplaceSpanMacros(flags.query, flags.span));
  return example_gen::RunRowQuery(*source, query, options);
}

}  // namespace bessemer::cli
