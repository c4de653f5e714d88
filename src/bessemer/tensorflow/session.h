#ifndef BESSEMER_TENSORFLOW_SESSION_H_
#define BESSEMER_TENSORFLOW_SESSION_H_

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/tensorflow/host_tensor.h"
#include "bessemer/tensorflow/signature.h"
#include "bessemer/tensorflow/tensor.h"

namespace tensorflow {
class GraphDef;
}

namespace bessemer::tf {

class GraphBuilder;
class Session;

struct SessionOptions {
  // Threads within one op and between ops; 0: TensorFlow's choice. With 1 results are reproducible
  // bit for bit.
  int num_threads = 0;
};

// A fixed set of feeds, fetches and targets: the names are looked up once. Outlived by its session.
class Callable {
 public:
  Callable(Callable&&) noexcept;
  ~Callable();
  // Feeds in the order given to Prepare; returns the fetches in theirs. Thread-safe. TensorFlow's
  // error, beginning with the purpose given to Prepare, if the run fails.
  StatusOr<std::vector<HostTensor>> Run(std::span<const HostTensor> feeds) const;

 private:
  friend class Session;
  struct Plan;
  Callable(Session* session, std::unique_ptr<Plan> plan);
  Session* session_;
  std::unique_ptr<Plan> plan_;
};

// A graph with its state (variables, tables) in the TensorFlow runtime. The first one loads the
// library; then errors of LoadRuntime are possible. Running is thread-safe, extending is not.
class Session {
 public:
  static StatusOr<std::unique_ptr<Session>> Create(const ::tensorflow::GraphDef& graph,
                                                   const SessionOptions& options = {});
  static StatusOr<std::unique_ptr<Session>> Create(const GraphBuilder& builder,
                                                   const SessionOptions& options = {});
  // Any SavedModel with tag "serve", Keras' exports among them: restores variables, runs
  // initialisers. Errors name the directory.
  static StatusOr<std::unique_ptr<Session>> Load(const std::string& directory,
                                                 const SessionOptions& options = {});
  ~Session();
  Session(const Session&) = delete;

  // Adds nodes. `bindings` replace nodes of `more` (placeholders) by tensors that are already
  // there.
  Status Extend(const GraphBuilder& more,
                const std::vector<std::pair<std::string, Tensor>>& bindings);
  // Adds the nodes for d(sum of `y`) / dx of each of `xs`. INVALID_ARGUMENT if an x has no
  // influence on y or an op in between has no gradient.
  StatusOr<std::vector<Tensor>> AddGradients(const Tensor& y, const std::vector<Tensor>& xs,
                                             const std::string& prefix);

  // Tensors as "node" or "node:index"; targets are nodes. NOT_FOUND names what is not in the graph.
  // `purpose` begins the messages of run errors, e.g. "training step".
  StatusOr<Callable> Prepare(const std::vector<std::string>& feeds,
                             const std::vector<std::string>& fetches,
                             const std::vector<std::string>& targets, std::string_view purpose);
  StatusOr<std::vector<HostTensor>> Run(
      const std::vector<std::pair<std::string, HostTensor>>& feeds,
      const std::vector<std::string>& fetches, const std::vector<std::string>& targets = {});

  // ---- of a loaded SavedModel ---------------------------------------------------------------
  const Signatures& signatures() const { return signatures_; }
  // NOT_FOUND names the signatures there are.
  StatusOr<const Signature*> FindSignature(const std::string& name) const;
  // Calls a signature with dense inputs. All of its inputs must be given; INVALID_ARGUMENT names
  // one that is missing, unknown or of another type. `wanted`: names of outputs (none: all dense
  // ones).
  StatusOr<std::map<std::string, HostTensor>> Call(const std::string& signature,
                                                   const std::map<std::string, HostTensor>& inputs,
                                                   const std::vector<std::string>& wanted = {});
  // Calls a signature whose only input takes serialised tf.Examples, `batch_size` at a time, and
  // puts the rows of the outputs together. INVALID_ARGUMENT if the signature takes something
  // else.
  StatusOr<std::map<std::string, HostTensor>> PredictExamples(
      const std::string& signature, std::span<const std::string> examples,
      int64_t batch_size = 1024, const std::vector<std::string>& wanted = {});

 private:
  friend class Callable;
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
  Signatures signatures_;
  std::string directory_;  // of a loaded SavedModel
};

}  // namespace bessemer::tf

#endif  // BESSEMER_TENSORFLOW_SESSION_H_
