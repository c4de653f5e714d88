#ifndef BESSEMER_BASE_REGISTRY_H_
#define BESSEMER_BASE_REGISTRY_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bessemer/base/nearest_name.h"
#include "bessemer/base/status.h"

namespace bessemer {

// The plug-ins of one kind, by name. A plain object, filled by explicit calls.
//
// Entry needs `std::string name` and `std::string doc`. Entries keep the order of registration;
// references stay valid while the registry is not added to. Reading from several threads is safe.
template <typename Entry>
class Registry {
 public:
  // `kind` names what is registered in error messages, e.g. "learner".
  explicit Registry(std::string kind) : kind_(std::move(kind)) {}

  // Errors of Add are programming errors of a plug-in; they are kept and returned by status().
  void Add(Entry entry) {
    for (const Entry& known : entries_) {
      if (known.name == entry.name && status_.ok()) {
        status_ = AlreadyExistsError("{} '{}' is registered twice", kind_, entry.name);
      }
    }
    if (entry.doc.empty() && status_.ok()) {
      status_ = InvalidArgumentError("{} '{}' has no doc", kind_, entry.name);
    }
    entries_.push_back(std::move(entry));
  }

  const Status& status() const { return status_; }
  const std::string& kind() const { return kind_; }
  const std::vector<Entry>& entries() const { return entries_; }

  // NOT_FOUND with the nearest known name.
  StatusOr<const Entry*> Find(std::string_view name) const {
    for (const Entry& entry : entries_) {
      if (entry.name == name) return &entry;
    }
    std::vector<std::string> names;
    for (const Entry& entry : entries_) names.push_back(entry.name);
    return NotFoundError("unknown {} '{}'{}", kind_, name, SuggestName(name, names));
  }

 private:
  std::string kind_;
  std::vector<Entry> entries_;
  Status status_;
};

}  // namespace bessemer

#endif  // BESSEMER_BASE_REGISTRY_H_
