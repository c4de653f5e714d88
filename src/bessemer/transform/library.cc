#include "bessemer/transform/library.h"

namespace bessemer::transform {

const Library& StandardLibrary() {
  static const Library* const library = [] {
    auto* made = new Library;
    expression::RegisterPlugins(made->functions);
    RegisterPlugins(*made);
    return made;
  }();
  return *library;
}

}  // namespace bessemer::transform
