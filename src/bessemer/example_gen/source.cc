#include "bessemer/example_gen/source.h"

namespace bessemer::example_gen {

const SourceRegistry& Sources() {
  static const SourceRegistry* const registry = [] {
    auto* const made = new SourceRegistry("source");
    RegisterPlugins(*made);
    return made;
  }();
  return *registry;
}

}  // namespace bessemer::example_gen
