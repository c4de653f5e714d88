#ifndef BESSEMER_BASE_PROGRESS_H_
#define BESSEMER_BASE_PROGRESS_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace bessemer {

// Where long work says how far it is. All methods are thread-safe and cheap enough for once a
// batch. The base class discards everything; the command line draws bars from it.
class Progress {
 public:
  virtual ~Progress() = default;

  // Starts a phase, e.g. ("reading train", 224518, "rows"). `total` 0: not known.
  virtual void Start(std::string_view phase, int64_t total, std::string_view unit) {}
  // `amount` more units of the current phase are done.
  virtual void Advance(int64_t amount) {}
  // A figure of the moment, e.g. "loss 0.412"; replaces the one before.
  virtual void Note(std::string_view text) {}
  // True when the user wants the work to stop; long loops ask and return CANCELLED.
  virtual bool cancelled() const { return false; }

  static Progress& None();  // discards; lives for ever
};

}  // namespace bessemer

#endif  // BESSEMER_BASE_PROGRESS_H_
