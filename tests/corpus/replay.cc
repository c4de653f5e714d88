// Runs every input of the corpora through its fuzz target, in an ordinary build: what fuzzing once
// found stays found without clang. A target that fails aborts; the input is then named on stderr.
//
// Usage: fuzz_replay DIRECTORY     holds a folder of inputs for each target, e.g. csv_fuzz/quoted
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz_targets.h"

namespace {

namespace fs = std::filesystem;

std::string g_input;

extern "C" void NameInput(int number) {
  (void)!write(STDERR_FILENO, g_input.data(), g_input.size());
  std::signal(number, SIG_DFL);
  std::raise(number);
}

// Every input of a target; the number of them.
int Replay(const FuzzTarget& target, const fs::path& folder) {
  std::vector<fs::path> inputs;
  if (fs::exists(folder)) {
    for (const auto& entry : fs::directory_iterator(folder)) inputs.push_back(entry.path());
  }
  std::sort(inputs.begin(), inputs.end());
  for (const fs::path& input : inputs) {
    std::ifstream file(input, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    g_input = input.string() + ": the target failed\n";
    target.run(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  }
  return static_cast<int>(inputs.size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fuzz_replay DIRECTORY\n");
    return 2;
  }
  for (const int number : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS, SIGILL}) {
    std::signal(number, NameInput);
  }
  bool all_have_inputs = true;
  for (const FuzzTarget& target : kFuzzTargets) {
    const int count = Replay(target, fs::path(argv[1]) / target.name);
    std::printf("%-24s %d inputs\n", target.name, count);
    all_have_inputs &= count > 0;
  }
  return all_have_inputs ? 0 : 1;
}
