#ifndef BESSEMER_TRANSFORM_LIBRARY_H_
#define BESSEMER_TRANSFORM_LIBRARY_H_

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/config.h"
#include "bessemer/base/registry.h"
#include "bessemer/expression/function.h"

// What a transform is made of: functions of rows, analyzers of whole datasets, and the form of both
// in a TensorFlow graph. Plug-in folders of this library add to it.

namespace bessemer::transform {

class Emission;

// Which result of an accumulator is wanted.
struct ResultRequest {
  std::string_view function;  // the name of the analyzer function, e.g. "mean"
  const Json* attrs = nullptr;
  expression::Type type;        // the type the result must have
  bool of_integers = false;     // the texts analysed are decimal texts of ints
};

// Summarises values over a dataset. Not thread-safe; shards have one each, merged in shard order.
// The result does not depend on how rows were cut into batches and shards, but for the last bits of
// sums of floats.
class Accumulator {
 public:
  virtual ~Accumulator() = default;
  // The analyzer function's arguments over a batch. Rows missing in an argument are left out.
  virtual Status Update(std::span<const expression::Column> args, int64_t num_rows) = 0;
  // `other` has the same dynamic type.
  virtual Status Merge(const Accumulator& other) = 0;
  virtual Json Save() const = 0;
  // DATA_LOSS for what Save cannot have written.
  virtual Status Load(const Json& state) = 0;
  virtual StatusOr<expression::Column> Finish(const ResultRequest& request) const = 0;
};

// The accumulator behind analyzer functions that name it (Function::analyzer). Functions of equal
// arguments share one.
struct Analyzer {
  std::string name;
  std::string doc;
  std::function<std::unique_ptr<Accumulator>(std::span<const expression::Type> args)> make;
};

// How a function is written into a TensorFlow graph.
struct Emitter {
  std::string name;  // of the function
  std::string doc = "TensorFlow form";
  // Adds the nodes of a call; see emission.h.
  std::function<Status(Emission&)> emit;
};

struct Library {
  expression::FunctionRegistry functions{"function"};
  Registry<Analyzer> analyzers{"analyzer"};
  Registry<Emitter> emitters{"TensorFlow form of"};
};

// Adds the plug-ins of this library.
void RegisterPlugins(Library& library);

// The functions of the expression language and those of the transform; lives for ever.
const Library& StandardLibrary();

}  // namespace bessemer::transform

#endif  // BESSEMER_TRANSFORM_LIBRARY_H_
