#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "bessemer/cli/command.h"

namespace bessemer::cli::completion {
namespace {

// The words that may follow the words of `path`, one line each: "noun verb|candidates".
void Collect(const CLI::App& app, const std::string& path, std::vector<std::string>& lines) {
  std::string words;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!sub->get_name().empty() && !sub->get_group().empty()) words += sub->get_name() + " ";
  }
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) words += "--" + name + " ";
  }
  lines.push_back(path + "|" + words);
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    Collect(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), lines);
  }
}

// One function serves bash and, through its emulation, zsh.
constexpr const char* kBashScript = R"(_bessemer() {
  local current="${COMP_WORDS[COMP_CWORD]}" path="" word index candidates=""
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="${COMP_WORDS[index]}"
    [[ "$word" == -* ]] && continue
    if [[ "$_bessemer_words" == *$'\n'"${path:+$path }$word|"* ]]; then
      path="${path:+$path }$word"
    fi
  done
  local entry
  while IFS= read -r entry; do
    [[ "$entry" == "$path|"* ]] && candidates="${entry#*|}"
  done <<<"$_bessemer_words"
  COMPREPLY=($(compgen -W "$candidates" -- "$current"))
  [[ ${#COMPREPLY[@]} -eq 0 ]] && COMPREPLY=($(compgen -f -- "$current"))
}
complete -o filenames -F _bessemer bessemer
)";

std::string Script(const CLI::App& root, const std::string& shell) {
  std::vector<std::string> lines;
  Collect(root, "", lines);
  std::string script;
  if (shell == "fish") {
    for (const std::string& line : lines) {
      const size_t bar = line.find('|');
      const std::string path = line.substr(0, bar);
      const std::string condition =
          path.empty() ? "__fish_use_subcommand"
                       : fmt::format("string match -q 'bessemer {}*' (commandline -cp)", path);
      script +=
          fmt::format("complete -c bessemer -n \"{}\" -a '{}'\n", condition, line.substr(bar + 1));
    }
    return script;
  }
  if (shell == "zsh") script += "autoload -U +X bashcompinit && bashcompinit\n";
  script += "_bessemer_words='\n";
  for (const std::string& line : lines) script += line + "\n";
  return script + "'\n" + kBashScript;
}

}  // namespace

void Register(CommandRegistry& registry) {
  registry.Add({.name = "completion",
                .doc = "Prints the completion script of a shell",
                .setup = [](CLI::App& app, Session& session) {
                  auto shell = std::make_shared<std::string>("bash");
                  app.add_option("shell", *shell, "bash, zsh or fish")
                      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
                  app.footer(
                      "Examples:\n  source <(bessemer completion bash)\n"
                      "  bessemer completion fish > ~/.config/fish/completions/bessemer.fish");
                  app.callback([&app, &session, shell] {
                    session.Run([&app, shell]() -> StatusOr<int> {
                      fmt::print("{}", Script(*app.get_parent(), *shell));
                      return kExitOk;
                    });
                  });
                }});
}

}  // namespace bessemer::cli::completion
