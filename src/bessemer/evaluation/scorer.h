#ifndef BESSEMER_EVALUATION_SCORER_H_
#define BESSEMER_EVALUATION_SCORER_H_

#include <arrow/array.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/evaluation/batch.h"

namespace bessemer::tf {
class Session;
}

namespace bessemer::evaluation {

// A SavedModel that predicts from serialised tf.Examples. Scoring is thread-safe.
class Scorer {
 public:
  // `spec` gives the signature (default: "predict" if there is one, else "serving_default"), the
  // preprocessing functions and the batch size. Errors name the directory.
  static StatusOr<std::unique_ptr<Scorer>> Load(const std::string& directory,
                                                const ::tensorflow_model_analysis::ModelSpec& spec);
  ~Scorer();

  // Predicts `examples` and adds the numeric outputs to batch->predictions under the model's name,
  // and an output of strings named all_classes or classes, if each example has several, to
  // batch->classes.
  Status Score(const std::vector<std::string>& examples, const std::string& model_name,
               Batch* batch) const;
  // Whether the model says how features are transformed: by its spec's preprocessing functions, or
  // by a signature "transform_features".
  bool has_preprocessing() const { return !preprocessing_.empty(); }
  // Only true if the spec asks for it.
  bool wants_preprocessing() const { return wants_preprocessing_; }
  // Whether one of the preprocessing functions gives this column.
  bool Transforms(const std::string& name) const;
  // Sets batch->transformed to what the preprocessing functions make of the examples: all dense
  // outputs, and of the sparse ones those in `wanted`.
  Status Transform(const std::vector<std::string>& examples, const std::set<std::string>& wanted,
                   Batch* batch) const;

 private:
  Scorer() = default;
  Status AddSparse(const std::string& function, const std::vector<std::string>& examples,
                   const std::set<std::string>& wanted, arrow::FieldVector* fields,
                   arrow::ArrayVector* columns) const;
  std::string directory_;
  std::unique_ptr<tf::Session> session_;
  std::string signature_;
  std::vector<std::string> preprocessing_;
  bool wants_preprocessing_ = false;
  int64_t batch_size_ = 1024;
};

}  // namespace bessemer::evaluation

#endif  // BESSEMER_EVALUATION_SCORER_H_
