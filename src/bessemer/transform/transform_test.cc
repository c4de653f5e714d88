#include <arrow/array.h>
#include <arrow/json/from_string.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <tensorflow_metadata/proto/v0/schema.pb.h>

#include <cmath>
#include <filesystem>
#include <set>

#include "bessemer/base/random.h"
#include "bessemer/io/file.h"
#include "bessemer/tensorflow/session.h"
#include "bessemer/tensorflow/test_runtime.h"
#include "bessemer/transform/analysis.h"
#include "bessemer/transform/transform_fn.h"

namespace bessemer::transform {
namespace {

namespace v0 = ::tensorflow::metadata::v0;
using ::testing::HasSubstr;

// i, s: optional; k, w, f: required; v: two floats; r, t: ragged.
constexpr char kSchema[] = R"pb(
  feature { name: "i" type: INT value_count { min: 1 max: 1 } presence { min_count: 1 } }
  feature { name: "j" type: INT value_count { min: 1 max: 1 } presence { min_fraction: 1 } }
  feature { name: "k" type: INT shape {} presence { min_fraction: 1 } }
  feature { name: "f" type: FLOAT shape { dim { size: 1 } } presence { min_fraction: 1 } }
  feature { name: "g" type: FLOAT value_count { min: 1 max: 1 } }
  feature { name: "v" type: FLOAT shape { dim { size: 2 } } presence { min_fraction: 1 } }
  feature { name: "s" type: BYTES value_count { min: 1 max: 1 } }
  feature { name: "w" type: BYTES shape {} presence { min_fraction: 1 } }
  feature { name: "r" type: INT }
  feature { name: "q" type: FLOAT }
  feature { name: "t" type: BYTES }
)pb";

v0::Schema TestSchema() {
  v0::Schema schema;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kSchema, &schema));
  return schema;
}

StatusOr<TransformGraph> BindOne(const std::string& text) {
  TransformSpec spec;
  spec.outputs = {{"out", text}};
  return TransformGraph::Bind(spec, TestSchema());
}

// Rows with missing values, NaN, infinities, empty lists and odd texts.
std::shared_ptr<arrow::RecordBatch> RandomBatch(uint64_t seed, int64_t rows) {
  Random random(seed);
  const char* const words[] = {"a", "b", "Ab C", "", "12", " -3.5 ", "x_X_y",
                               "99999999999999999999", "1e3", "+7"};
  const auto integer = [&] {
    return fmt::format("{}", static_cast<int64_t>(random.Below(9)) - 3);
  };
  const auto real = [&] {
    const uint64_t kind = random.Below(20);
    return kind == 0 ? std::string("NaN")
           : kind == 1 ? std::string("Inf")
           : kind == 2 ? std::string("-Inf")
                       : fmt::format("{:.3f}", random.Normal() * 3);
  };
  const auto word = [&] { return fmt::format("\"{}\"", words[random.Below(10)]); };
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  const auto add = [&](const char* name, const std::shared_ptr<arrow::DataType>& type, int min,
                       int max, const std::function<std::string()>& value) {
    std::string json = "[";
    for (int64_t row = 0; row < rows; ++row) {
      if (row > 0) json += ",";
      const int64_t count = min + static_cast<int64_t>(random.Below(max - min + 1));
      json += "[";
      for (int64_t i = 0; i < count; ++i) json += (i > 0 ? "," : "") + value();
      json += "]";
    }
    fields.push_back(arrow::field(name, arrow::list(type)));
    arrays.push_back(
        arrow::json::ArrayFromJSONString(fields.back()->type(), json + "]").ValueOrDie());
  };
  add("i", arrow::int64(), 0, 1, integer);
  add("j", arrow::int64(), 1, 1, integer);
  add("k", arrow::int64(), 1, 1, integer);
  add("f", arrow::float32(), 1, 1, real);
  add("g", arrow::float32(), 0, 1, real);
  add("v", arrow::float32(), 2, 2, real);
  add("s", arrow::binary(), 0, 1, word);
  add("w", arrow::binary(), 1, 1, word);
  add("r", arrow::int64(), 0, 3, integer);
  add("q", arrow::float32(), 0, 3, real);
  add("t", arrow::binary(), 0, 3, word);
  return arrow::RecordBatch::Make(arrow::schema(fields), rows, arrays);
}

// For every function, calls that between them use each shape it takes. {} of these names a function
// that has no call is a failure of EveryFunctionIsCovered.
const std::vector<std::string>& Calls() {
  static const auto* const calls = new std::vector<std::string>{
      "i + k", "f + 1", "v + f", "r + k", "q + f", "v + v", "i - 1.5", "i * k", "q * 2", "i / k",
      "f / 0", "v / 3", "i // k", "i // 3", "f // 0.7", "r // k", "i % k", "k % 3", "f % 0.7",
      "i ** 2", "abs(f) ** 1.5", "-i", "-q", "i == 2",
      "s == \"a\"", "t == \"a\"", "f == f", "i != k",
      "w != s", "i < k", "f <= g", "q > 0", "v >= 1", "in(i, 1, 2)", "in(t, \"a\", w)",
      "i > 0 and g > 0", "i and false", "k and j", "i > 0 or g > 0", "i or true", "not i", "not r",
      "if(i > 0, k, g)", "if(k, s, w)", "if(k, s, \"none\")", "if(i, i, 7)", "if(1 < 2, r, 0)",
      "abs(i)", "abs(f)", "log(f)", "log1p(q)", "exp(f)", "sqrt(v)", "sigmoid(g)", "is_nan(f)",
      "round(f * 2)", "round(k)", "floor(f)", "floor(i)", "ceil(f)", "ceil(r)", "min(i, k, 0)",
      "min(f, g)", "max(f, 0)", "max(q, k)", "clip(f, -1, 1)", "clip(i, 0, 2)", "is_missing(i)",
      "is_missing(r)", "is_missing(k)", "is_present(s)", "is_present(t)", "is_present(v)",
      "fill(i, 9)", "fill(i, k)", "fill(g, i)", "fill(s, \"none\")", "fill(r, 5)", "fill(t, w)",
      "fill(q, f)", "fill(w, \"x\")", "lower(s)", "upper(t)", "strip(w)", "length(s)", "length(t)",
      "concat(s, \"-\", k)", "concat(t, w)", "substr(w, 1, 2)", "substr(t, 3, 9)",
      "regex_match(w, \"[a-z]+\")", "int(fill(f, 0) * 2)", "int(k)", "float(i)", "string(i)",
      "string(f)", "string(t)", "parse_int(s)", "parse_int(w)", "parse_float(s)", "parse_float(w)",
      "hash(w, 7)", "hash(r, 5)", "cross(w, k)", "cross(s, i, w)", "one_hot(i, 4)",
      "one_hot(k, 3)", "multi_hot(r, 5)", "multi_hot(i, 3)", "weekday(2000 + j, 2, k + 4)",
      "f - mean(f)", "i - mean(i)", "g / var(g)", "q - std(q)", "i * sum(i)", "f + sum(k)",
      "i + size(r)", "i - min(i)", "k - max(k)", "minimum(q) + q", "q - maximum(k)",
      "f > median(f)", "fill(g, median(g))", "apply_buckets(f, [-1, 0, 1.5])",
      "apply_buckets(r, quantiles(r, 4))", "bucketize(i, 3)", "bucketize(f, 4)", "bucketize(v, 2)",
      "z_score(i)", "z_score(f)", "z_score(q)", "z_score(v)", "scale_0_1(g)", "scale_0_1(k)",
      "scale_0_1(r)", "scale_min_max(k, -1, 1)", "scale_0_1(k * 0)", "z_score(k * 0)",
      "vocabulary(s)", "vocabulary(t, top_k=2)", "vocabulary(w, top_k=3, num_oov_buckets=2)",
      "vocabulary(i, frequency_threshold=3, default_value=-7)", "vocabulary(r, num_oov_buckets=1)",
      "vocabulary_index(w, [\"a\", \"12\"])", "vocabulary_index(s, vocabulary_tokens(w))",
      "hash_bucket(s, 11)",
      "z_score(fill(i, mean(i)))", "bucketize(z_score(k), 3)",
      "z_score_per_key(f, w)", "z_score_per_key(q, k)", "scale_min_max_per_key(i, s, -1, 1)",
      "scale_0_1_per_key(g, j)",
      "weighted_vocabulary(t, abs(k), top_k=4)", "weighted_vocabulary(s, 0.5 + j * j)",
  };
  return *calls;
}

class Scratch {
 public:
  Scratch() {
    std::string name = ::testing::TempDir() + "transform_XXXXXX";
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~Scratch() { std::filesystem::remove_all(path_); }
  std::string path() const { return path_; }

 private:
  std::filesystem::path path_;
};

using expression::Column;
using expression::Kind;
using expression::Shape;

// Feeds of a feature as its signature wants it.
void Feed(const std::string& name, const tf::SignatureTensor& input, const Column& column,
          std::vector<std::pair<std::string, tf::HostTensor>>& feeds) {
  std::vector<int64_t> ints, indices;
  std::vector<float> floats;
  std::vector<std::string> texts;
  int64_t longest = 1;
  for (int64_t row = 0; row < column.num_rows(); ++row) {
    for (int64_t i = column.begin(row); i < column.end(row); ++i) {
      indices.push_back(row);
      indices.push_back(i - column.begin(row));
      longest = std::max(longest, i - column.begin(row) + 1);
      if (column.type().kind == Kind::kInt) ints.push_back(column.ints()[i]);
      if (column.type().kind == Kind::kFloat) floats.push_back(column.floats()[i]);
      if (column.type().kind == Kind::kBytes) texts.emplace_back(column.bytes()[i]);
    }
  }
  const auto tensor = [&](tf::Shape shape) {
    if (column.type().kind == Kind::kInt) {
      return tf::HostTensor::Of<int64_t>(std::span<const int64_t>(ints), shape);
    }
    if (column.type().kind == Kind::kFloat) {
      return tf::HostTensor::Of<float>(std::span<const float>(floats), shape);
    }
    return tf::HostTensor::Strings(texts, shape);
  };
  const auto num_values = static_cast<int64_t>(indices.size() / 2);
  if (input.is_dense()) {
    tf::Shape shape = *input.shape;
    shape[0] = column.num_rows();
    feeds.emplace_back(input.dense.name(), tensor(shape));
    return;
  }
  feeds.emplace_back(input.sparse->indices.name(),
                     tf::HostTensor::Of<int64_t>(std::span<const int64_t>(indices),
                                                 {num_values, 2}));
  feeds.emplace_back(input.sparse->values.name(), tensor({num_values}));
  feeds.emplace_back(input.sparse->dense_shape.name(),
                     tf::HostTensor::Vector<int64_t>({column.num_rows(), longest}));
}

// "row: value value" of a result in either form.
std::string Show(Kind kind, int64_t row, int64_t i, const int64_t* ints, const float* floats,
                 std::string_view text) {
  if (kind == Kind::kInt) return fmt::format("{}:{} ", row, ints[i]);
  if (kind == Kind::kBytes) return fmt::format("{}:'{}' ", row, text);
  if (std::isnan(floats[i])) return fmt::format("{}:nan ", row);
  return fmt::format("{}:{:.4g} ", row, floats[i] == 0 ? 0.0f : floats[i]);
}

std::vector<std::string> ShowNative(const Column& column) {
  std::vector<std::string> out;
  for (int64_t row = 0; row < column.num_rows(); ++row) {
    for (int64_t i = column.begin(row); i < column.end(row); ++i) {
      out.push_back(Show(column.type().kind, row, i, column.ints().data(), column.floats().data(),
                         column.type().kind == Kind::kBytes ? column.bytes()[i] : ""));
    }
  }
  return out;
}

std::vector<std::string> ShowTensors(const Column& like, const tf::HostTensor& values,
                                     const tf::HostTensor* indices) {
  std::vector<std::string> out;
  const int64_t width = std::max<int64_t>(1, like.type().size);
  for (int64_t i = 0; i < values.num_elements(); ++i) {
    const int64_t row = indices != nullptr ? indices->values<int64_t>()[2 * i] : i / width;
    out.push_back(Show(like.type().kind, row, i, values.values<int64_t>().data(),
                       values.values<float>().data(),
                       like.type().kind == Kind::kBytes ? values.strings()[i] : ""));
  }
  return out;
}

// Runs the written graph over a batch and compares it with the native result.
void ExpectSameInTensorFlow(const TransformGraph& graph, tf::Session& session,
                            const arrow::RecordBatch& batch) {
  const auto signature = session.FindSignature(kSignature);
  ASSERT_TRUE(signature.ok()) << signature.status();
  std::vector<std::pair<std::string, tf::HostTensor>> feeds;
  for (const auto& [name, input] : (*signature)->inputs) {
    const auto type = graph.graph().inputs().Get(name);
    const auto column = Column::FromArrow(batch.GetColumnByName(name), *type);
    ASSERT_TRUE(column.ok()) << column.status();
    Feed(name, input, *column, feeds);
  }
  const auto native = graph.graph().Evaluate(batch, graph.output_nodes());
  ASSERT_TRUE(native.ok()) << native.status();
  for (size_t i = 0; i < graph.output_nodes().size(); ++i) {
    const auto& [name, text] = graph.spec().outputs[i];
    SCOPED_TRACE(name + ": " + text);
    const tf::SignatureTensor& output = (*signature)->outputs.at(name);
    std::vector<std::string> fetches = {output.is_dense() ? output.dense.name()
                                                          : output.sparse->values.name()};
    if (!output.is_dense()) fetches.push_back(output.sparse->indices.name());
    const auto values = session.Run(feeds, fetches);
    ASSERT_TRUE(values.ok()) << values.status();
    EXPECT_EQ(ShowTensors((*native)[i], (*values)[0], output.is_dense() ? nullptr : &(*values)[1]),
              ShowNative((*native)[i]));
  }
}

TEST(TransformTest, EveryFunctionIsCovered) {
  ASSERT_TRUE(StandardLibrary().functions.status().ok());
  ASSERT_TRUE(StandardLibrary().emitters.status().ok()) << StandardLibrary().emitters.status();
  std::set<std::string> used;
  for (const std::string& call : Calls()) {
    const auto graph = BindOne(call);
    ASSERT_TRUE(graph.ok()) << graph.status();
    for (const auto& node : graph->graph().nodes()) {
      if (node.function != nullptr) used.insert(node.function->name);
    }
  }
  for (const auto& function : StandardLibrary().functions.entries()) {
    if (function.definition.empty()) {
      EXPECT_TRUE(used.contains(function.name)) << function.name;
    } else {
      EXPECT_TRUE(std::any_of(Calls().begin(), Calls().end(), [&](const std::string& call) {
        return call.find(function.name + "(") != std::string::npos;
      })) << function.name;
    }
  }
}

// One graph with every call, analysed on random rows, must give the same natively and in the
// TensorFlow runtime, on rows it has seen and on others.
TEST(TransformTest, NativeAndTensorFlowAgree) {
  TransformSpec spec;
  for (size_t i = 0; i < Calls().size(); ++i) {
    spec.outputs.emplace_back(fmt::format("o{}", i), Calls()[i]);
  }
  auto graph = TransformGraph::Bind(spec, TestSchema());
  ASSERT_TRUE(graph.ok()) << graph.status();
  const auto report = Analyze(*graph, InMemory({RandomBatch(1, 300), RandomBatch(2, 100)}));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->num_passes, 2);
  EXPECT_EQ(report->num_rows, 400);

  const Scratch scratch;
  const Status written = WriteTransform(*graph, scratch.path());
  ASSERT_TRUE(written.ok()) << written;
  BESSEMER_NEEDS_TENSORFLOW();
  auto session = tf::Session::Load(scratch.path() + "/transform_fn");
  ASSERT_TRUE(session.ok()) << session.status();
  for (const auto& batch : {RandomBatch(1, 50), RandomBatch(77, 200), RandomBatch(5, 1)}) {
    ExpectSameInTensorFlow(*graph, **session, *batch);
  }

  const auto loaded = LoadTransform(scratch.path());
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->ToJson(), graph->ToJson());
  const auto batch = RandomBatch(9, 40);
  EXPECT_TRUE((*loaded->Apply(*batch))->Equals(**graph->Apply(*batch), false,
                                               arrow::EqualOptions::Defaults().nans_equal(true)));
}

// To the last bit: boundaries of buckets are values of the data.
TEST(TransformTest, ScaledNumbersFallIntoTheSameBuckets) {
  v0::Schema schema;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(feature { name: "n" type: INT shape { dim { size: 1 } } presence { min_fraction: 1 } })",
      &schema));
  TransformSpec spec;
  spec.outputs = {{"z", "bucketize(z_score(n), 7)"}, {"part", "bucketize(n / 7, 10)"},
                  {"whole", "int(n / 7 * 7)"}, {"unit", "bucketize(scale_0_1(n), 9)"},
                  {"third", "n / 3.0 >= 11.0 / 3.0"}, {"share", "bucketize(n / sum(n), 11)"}};
  auto graph = TransformGraph::Bind(spec, schema);
  ASSERT_TRUE(graph.ok()) << graph.status();
  std::string json = "[";
  for (int i = 0; i < 500; ++i) json += fmt::format("{}[{}]", i > 0 ? "," : "", i % 53);
  const auto column =
      arrow::json::ArrayFromJSONString(arrow::list(arrow::int64()), json + "]").ValueOrDie();
  const auto rows = arrow::RecordBatch::Make(arrow::schema({arrow::field("n", column->type())}),
                                             column->length(), {column});
  ASSERT_TRUE(Analyze(*graph, InMemory({rows})).ok());
  const Scratch scratch;
  ASSERT_TRUE(WriteTransform(*graph, scratch.path()).ok());
  BESSEMER_NEEDS_TENSORFLOW();
  auto session = tf::Session::Load(scratch.path() + "/transform_fn");
  ASSERT_TRUE(session.ok()) << session.status();
  ExpectSameInTensorFlow(*graph, **session, *rows);
}

// Of two ragged features each row must have its own values, also where one has none and a batch as
// a whole has as many of both.
TEST(TransformTest, RaggedFeaturesAreTakenRowByRow) {
  v0::Schema schema;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(feature { name: "a" type: INT } feature { name: "b" type: INT }
         feature { name: "c" type: BYTES })", &schema));
  TransformSpec spec;
  spec.outputs = {{"sum", "a + b"}, {"all", "a * 100 + b + length(c)"}, {"cross", "cross(a, c)"},
                  {"score", "z_score(a) * z_score(b)"}};
  auto graph = TransformGraph::Bind(spec, schema);
  ASSERT_TRUE(graph.ok()) << graph.status();
  const auto batch_of = [](const std::string& a, const std::string& b, const std::string& c) {
    const auto array = [](const std::shared_ptr<arrow::DataType>& type, const std::string& json) {
      return arrow::json::ArrayFromJSONString(arrow::list(type), json).ValueOrDie();
    };
    const arrow::ArrayVector arrays = {array(arrow::int64(), a), array(arrow::int64(), b),
                                       array(arrow::binary(), c)};
    const auto fields = {arrow::field("a", arrays[0]->type()), arrow::field("b", arrays[1]->type()),
                         arrow::field("c", arrays[2]->type())};
    return arrow::RecordBatch::Make(arrow::schema(fields), arrays[0]->length(), arrays);
  };
  const auto rows = batch_of("[[1], [], [3], [], [5, 6], [7]]",
                             "[[10], [20], [], [], [30, 40], [50]]",
                             R"([["x"], ["y"], ["z"], [], ["u", "v"], []])");
  ASSERT_TRUE(Analyze(*graph, InMemory({rows})).ok());
  const auto values = graph->graph().Evaluate(*rows, graph->output_nodes());
  ASSERT_TRUE(values.ok()) << values.status();
  EXPECT_EQ(ShowNative((*values)[0]),
            (std::vector<std::string>{"0:11 ", "4:35 ", "4:46 ", "5:57 "}));
  EXPECT_EQ(ShowNative((*values)[1]), (std::vector<std::string>{"0:111 ", "4:531 ", "4:641 "}));
  const auto uneven = batch_of("[[1, 2], [3]]", "[[1], [2, 3]]", R"([["x"], ["y"]])");
  const Status refused = graph->graph().Evaluate(*uneven, graph->output_nodes()).status();
  EXPECT_THAT(std::string(Message(refused)),
              testing::HasSubstr("row 0 has 1 and 2 values, which cannot be taken side by side"));

  const Scratch scratch;
  ASSERT_TRUE(WriteTransform(*graph, scratch.path()).ok());
  BESSEMER_NEEDS_TENSORFLOW();
  auto session = tf::Session::Load(scratch.path() + "/transform_fn");
  ASSERT_TRUE(session.ok()) << session.status();
  ExpectSameInTensorFlow(*graph, **session, *rows);
  for (int64_t row = 0; row < rows->num_rows(); ++row) {
    ExpectSameInTensorFlow(*graph, **session, *rows->Slice(row, 1));
  }
}

// Whole, in pieces, merged in another tree, saved and loaded, on several threads: one answer.
TEST(TransformTest, AnyCutGivesTheSameResults) {
  const auto graph = BindOne("fill(g, mean(g)) + std(i) + sum(k) + size(r) + min(i) + max(k) + "
                             "median(f) + bucketize(f, 5) + vocabulary(s, top_k=3) + "
                             "z_score_per_key(g, w)");
  ASSERT_TRUE(graph.ok()) << graph.status();
  EXPECT_EQ(graph->num_phases(), 1);
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  for (int i = 0; i < 6; ++i) batches.push_back(RandomBatch(i, i == 3 ? 0 : 20 + i));
  const auto results = [&](const PhaseState& state) {
    std::string out;
    const auto finished = state.Finish();
    EXPECT_TRUE(finished.ok()) << finished.status();
    for (const auto& [node, value] : *finished) {
      out += fmt::format("{}:", node);
      for (const float v : value.floats()) out += fmt::format("{:.5g},", v);
      if (value.type().kind != Kind::kFloat) out += value.ToJson().dump();
    }
    return out;
  };
  PhaseState whole = *PhaseState::Make(*graph);
  for (const auto& batch : batches) ASSERT_TRUE(whole.Update(*batch).ok());

  PhaseState pieces = *PhaseState::Make(*graph);
  PhaseState tail = *PhaseState::Make(*graph);
  for (size_t i = 0; i < batches.size(); ++i) {
    for (int64_t row = 0; row < batches[i]->num_rows(); row += 7) {
      PhaseState piece = *PhaseState::Make(*graph);
      ASSERT_TRUE(piece.Update(*batches[i]->Slice(row, 7)).ok());
      PhaseState loaded = *PhaseState::Make(*graph);
      ASSERT_TRUE(loaded.Load(piece.Save()).ok());
      ASSERT_TRUE((i < 2 ? pieces : tail).Merge(loaded).ok());
    }
  }
  ASSERT_TRUE(pieces.Merge(tail).ok());
  EXPECT_EQ(pieces.num_rows(), whole.num_rows());
  EXPECT_EQ(results(pieces), results(whole));

  const auto saved = [&](int num_threads) {
    auto copy = BindOne(graph->spec().outputs[0].second);
    const Dataset dataset = {.num_shards = 6, .open = [&](int64_t shard) {
                               return InMemory({batches[shard]}).open(0);
                             }};
    EXPECT_TRUE(Analyze(*copy, dataset, {.num_threads = num_threads}).ok());
    return copy->ToJson().dump();
  };
  EXPECT_EQ(saved(1), saved(4));
}

TEST(TransformTest, DamagedStatesAreRefused) {
  const auto graph = BindOne("z_score(f) + vocabulary(s) + bucketize(k, 3)");
  ASSERT_TRUE(graph.ok()) << graph.status();
  PhaseState state = *PhaseState::Make(*graph);
  ASSERT_TRUE(state.Update(*RandomBatch(3, 50)).ok());
  const std::string bytes = state.Save();
  Random random(4);
  for (int i = 0; i < 300; ++i) {
    std::string damaged = bytes.substr(0, i % 3 == 0 ? random.Below(bytes.size()) : bytes.size());
    if (!damaged.empty()) damaged[random.Below(damaged.size())] ^= 1 << random.Below(8);
    PhaseState target = *PhaseState::Make(*graph);
    (void)target.Load(damaged);  // an error or not, but no crash
  }
  EXPECT_EQ(state.Load("nonsense").code(), StatusCode::kDataLoss);
  std::string object;  // as many entries as there are accumulators, but not a list
  Json::to_cbor({{"rows", 1}, {"accumulators", {{"a", 1}, {"b", 2}, {"c", 3}}}}, object);
  ASSERT_EQ(state.num_accumulators(), 3u);
  EXPECT_EQ(state.Load(object).code(), StatusCode::kDataLoss);
  const auto other = BindOne("mean(f) + f");
  EXPECT_EQ(PhaseState::Make(*other)->Load(bytes).code(), StatusCode::kDataLoss);
}

// A dataset without rows is analysed, applied and written like any other.
TEST(TransformTest, NoRows) {
  for (const std::string& call : Calls()) {
    SCOPED_TRACE(call);
    auto graph = BindOne(call);
    ASSERT_TRUE(Analyze(*graph, InMemory({})).ok());
    const auto applied = graph->Apply(*RandomBatch(1, 0));
    ASSERT_TRUE(applied.ok()) << applied.status();
    EXPECT_TRUE(graph->Apply(*RandomBatch(2, 10)).ok());
    EXPECT_TRUE(graph->TransformedSchema().ok());
  }
}

TEST(TransformTest, KnownAnswers) {
  const auto column = [](const std::shared_ptr<arrow::DataType>& type, const char* json) {
    return arrow::json::ArrayFromJSONString(arrow::list(type), json).ValueOrDie();
  };
  const auto schema = arrow::schema({arrow::field("w", arrow::list(arrow::binary())),
                                     arrow::field("k", arrow::list(arrow::int64()))});
  const auto rows = arrow::RecordBatch::Make(
      schema, 5,
      {column(arrow::binary(), R"([["b"], ["a"], ["b"], ["c"], ["line\nbreak"]])"),
       column(arrow::int64(), "[[1], [2], [3], [4], [10]]")});
  const auto show = [&](const std::string& text) {
    auto bound = BindOne(text);
    EXPECT_TRUE(bound.ok()) << bound.status();
    EXPECT_TRUE(Analyze(*bound, InMemory({rows})).ok());
    const auto values = bound->graph().Evaluate(*rows, bound->output_nodes());
    EXPECT_TRUE(values.ok()) << values.status();
    std::string out;
    for (const std::string& value : ShowNative((*values)[0])) out += value;
    return out;
  };
  // By count, then in descending order of bytes.
  EXPECT_EQ(show("vocabulary(w, num_oov_buckets=1)"), "0:0 1:2 2:0 3:1 4:3 ");
  EXPECT_EQ(show("weighted_vocabulary(w, k)"), "0:1 1:2 2:1 3:0 4:-1 ");
  EXPECT_EQ(show("weighted_vocabulary(w, k, frequency_threshold=3.5)"), "0:1 1:-1 2:1 3:0 4:-1 ");
  // A weight that is no number is none; a sum below 0 is a weight like others.
  EXPECT_EQ(show("weighted_vocabulary(w, if(k == 1, log(0.0 - k), float(k)))"),
            "0:1 1:2 2:1 3:0 4:-1 ");
  EXPECT_EQ(show("weighted_vocabulary(w, 0 - k)"), "0:2 1:0 2:2 3:1 4:-1 ");
  EXPECT_EQ(show("vocabulary(w, top_k=1)"), "0:0 1:-1 2:0 3:-1 4:-1 ");
  EXPECT_EQ(show("z_score(k)"), "0:-0.9487 1:-0.6325 2:-0.3162 3:0 4:1.897 ");
  EXPECT_EQ(show("scale_0_1(k)"), "0:0 1:0.1111 2:0.2222 3:0.3333 4:1 ");
  EXPECT_EQ(show("scale_min_max(k, -1, 1)"), "0:-1 1:-0.7778 2:-0.5556 3:-0.3333 4:1 ");
  EXPECT_EQ(show("scale_0_1(k * 0)"), "0:0.5 1:0.5 2:0.5 3:0.5 4:0.5 ");
  EXPECT_EQ(show("bucketize(k, 2)"), "0:0 1:0 2:1 3:1 4:1 ");
  EXPECT_EQ(show("k - median(k)"), "0:-2 1:-1 2:0 3:1 4:7 ");
  EXPECT_EQ(show("z_score_per_key(k, w)"), "0:-1 1:0 2:1 3:0 4:0 ");
}

TEST(TransformTest, VocabularyFilesStayInTheirFolder) {
  const Scratch scratch;
  auto graph = TransformGraph::Bind({{{"../../a b", "vocabulary(w)"}}}, TestSchema());
  ASSERT_TRUE(graph.ok()) << graph.status();
  ASSERT_TRUE(Analyze(*graph, InMemory({RandomBatch(1, 20)})).ok());
  EXPECT_EQ(graph->vocabularies()[0].name, "_._.._a_b");
  ASSERT_TRUE(WriteTransform(*graph, scratch.path() + "/t").ok());
  EXPECT_TRUE(*io::Exists(scratch.path() + "/t/transform_fn/assets/_._.._a_b"));
}

TEST(TransformTest, Errors) {
  const std::pair<const char*, const char*> cases[] = {
      {"zscore(f)", "output 'out': 1:1: unknown function 'zscore'; did you mean 'z_score'?"},
      {"z_score(ff)", "1:9: unknown feature 'ff'"},
      {"z_score(w)", "argument 'x' of z_score must be a number, not string"},
      {"mean(f)", "an output must depend on a feature"},
      {"quantiles(f, 4)", "an output must depend on a feature"},
      {"mean(3) + f", "it is taken over a feature"},
      {"vocabulary(f)", "must be a string or an int"},
      {"vocabulary(w, topk=3)", "did you mean 'top_k'?"},
      {"vocabulary(w, top_k=0)", "top_k must be positive"},
      {"vocabulary(w, name=\"../x\")", "name must be a file name"},
      {"bucketize(f, 0)", "num_buckets must be 1"},
      {"apply_buckets(f, [3, 1])", "boundaries must ascend"},
      {"apply_buckets(f, 3)", "boundaries must be a list"},
      {"scale_min_max(f, 1, 0)", "low must be below high"},
      {"f +\n  nope(f)", "2:3: unknown function 'nope'"},
  };
  for (const auto& [text, message] : cases) {
    const auto graph = BindOne(text);
    ASSERT_FALSE(graph.ok()) << text;
    EXPECT_THAT(std::string(Message(graph.status())), HasSubstr(message)) << text;
  }
  const auto graph = BindOne("z_score(f)");
  EXPECT_EQ(graph->Apply(*RandomBatch(1, 1)).status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(WriteTransform(*graph, Scratch().path()).code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(LoadTransform("/nonexistent").status().code(), StatusCode::kNotFound);
  for (const char* bad : {"{}", "[]", R"({"format": 1})",
                          R"({"format": 1, "outputs": 3, "schema": "", "results": []})"}) {
    EXPECT_EQ(TransformGraph::FromJson(Json::parse(bad)).status().code(), StatusCode::kDataLoss);
  }
  EXPECT_THAT(std::string(Message(
                  TransformSpec::FromConfig(*ConfigNode::Parse("a: [1]", "f.yaml")).status())),
              HasSubstr("f.yaml:1:4: output 'a' must be one expression"));
  EXPECT_THAT(std::string(Message(TransformSpec::FromJson(
                  {{"id", "vocabulary(w"}, {"top_k=9)", nullptr}}).status())),
              HasSubstr("output 'top_k=9)' has no expression; inside {…} one with commas needs "
                        "quotes"));
}

}  // namespace
}  // namespace bessemer::transform
