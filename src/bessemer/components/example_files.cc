#include "bessemer/components/example_files.h"

#include "bessemer/example_gen/examples.h"

namespace bessemer::components {

StatusOr<std::vector<std::string>> ExampleFiles(const std::vector<Artifact>& artifacts,
                                                const std::vector<std::string>& splits) {
  std::vector<std::string> files;
  for (const Artifact& artifact : artifacts) {
    for (const std::string& split : splits) {
      BESSEMER_ASSIGN_OR_RETURN(const std::vector<std::string> more,
                                example_gen::ListExampleFiles(artifact.SplitUri(split)));
      files.insert(files.end(), more.begin(), more.end());
    }
  }
  return files;
}

}  // namespace bessemer::components
