#include "bessemer/cli/command.h"

int main(int argc, char** argv) { return bessemer::cli::Main(argc, argv); }
