#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <unordered_map>

#include "bessemer/transform/library.h"

// vocabulary_tokens: the distinct texts of a feature by frequency; weighted_vocabulary_tokens: by
// the sum of a weight.

namespace bessemer::transform::vocabulary {
namespace {

using expression::Accepts;
using expression::Argument;
using expression::CallContext;
using expression::Column;
using expression::Kind;
using expression::Type;

// What stands in a vocabulary that would be empty, since a lookup table must not be.
constexpr std::string_view kNoToken = "49d0cd50-04bb-48c0-bc6f-5b575dce351a";
constexpr std::string_view kNoInteger = "-1";

struct Hash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

class TokenCounts : public Accumulator {
 public:
  Status Update(std::span<const Column> args, int64_t num_rows) override {
    const Column& x = args[0];
    if (args.size() == 1) {
      for (int64_t i = 0; i < x.num_values(); ++i) {
        if (!x.has_validity() || x.IsValid(i)) Add(x.bytes()[i], 1);
      }
      return OkStatus();
    }
    const Column& weight = args[1];
    for (int64_t row = 0; row < num_rows; ++row) {
      if (!weight.IsValid(row) || !std::isfinite(weight.floats()[row])) continue;
      for (int64_t i = x.begin(row); i < x.end(row); ++i) {
        Add(x.bytes()[i], static_cast<double>(weight.floats()[row]));
      }
    }
    return OkStatus();
  }

  Status Merge(const Accumulator& other) override {
    for (const auto& [token, count] : static_cast<const TokenCounts&>(other).counts_) {
      Add(token, count);
    }
    return OkStatus();
  }

  Json Save() const override {
    std::vector<std::pair<std::string, double>> sorted(counts_.begin(), counts_.end());
    std::sort(sorted.begin(), sorted.end());
    Json state = Json::array();
    for (const auto& [token, count] : sorted) {
      // Tokens are bytes, not always UTF-8.
      state.push_back(Json::binary({token.begin(), token.end()}));
      state.push_back(count);
    }
    return state;
  }

  Status Load(const Json& state) override {
    if (!state.is_array() || state.size() % 2 != 0) return DataLossError("no saved vocabulary");
    counts_.clear();
    for (size_t i = 0; i < state.size(); i += 2) {
      const auto& bytes = state[i].get_binary();
      counts_[std::string(bytes.begin(), bytes.end())] = state[i + 1].get<double>();
    }
    return OkStatus();
  }

  StatusOr<Column> Finish(const ResultRequest& request) const override {
    const Json& attrs = *request.attrs;
    const double threshold = attrs["frequency_threshold"].is_null()
                                 ? -std::numeric_limits<double>::infinity()
                                 : attrs["frequency_threshold"].get<double>();
    std::vector<std::pair<double, std::string_view>> kept;
    for (const auto& [token, count] : counts_) {
      // A vocabulary is a text file with a token a line.
      if (token.empty() || token.find_first_of("\n\r") != std::string::npos) continue;
      if (count >= threshold) kept.emplace_back(count, token);
    }
    std::sort(kept.begin(), kept.end(), std::greater<>());
    if (attrs["top_k"].is_number_integer()) {
      kept.resize(std::min<size_t>(kept.size(), attrs["top_k"].get<int64_t>()));
    }
    std::vector<std::string> tokens;
    for (const auto& entry : kept) tokens.emplace_back(entry.second);
    if (tokens.empty()) tokens.emplace_back(request.of_integers ? kNoInteger : kNoToken);
    return Column::List(tokens);
  }

 private:
  void Add(std::string_view token, double count) {
    const auto found = counts_.find(token);
    if (found != counts_.end()) {
      found->second += count;
    } else {
      counts_.emplace(token, count);
    }
  }

  // Counts are exact in double up to 2^53.
  std::unordered_map<std::string, double, Hash, std::equal_to<>> counts_;
};

StatusOr<Type> Check(const CallContext& context) {
  const Json& attrs = *context.attrs;
  if (!context.types[0].per_row()) {
    return InvalidArgumentError("it is taken over a feature, not over a {}",
                                context.types[0].ToString());
  }
  if (context.types.size() == 2 && context.types[1].shape != expression::Shape::kRow) {
    return InvalidArgumentError("the weight must be one number a row, not {}",
                                context.types[1].ToString());
  }
  if (attrs["top_k"].is_number() && attrs["top_k"].get<int64_t>() < 1) {
    return InvalidArgumentError("top_k must be positive");
  }
  if (attrs["frequency_threshold"].is_number() &&
      attrs["frequency_threshold"].get<double>() < 0) {
    return InvalidArgumentError("frequency_threshold must not be negative");
  }
  if (attrs["name"].is_string()) {
    const std::string name = attrs["name"].get<std::string>();
    const bool ok = !name.empty() && name.front() != '.' &&
                    std::all_of(name.begin(), name.end(), [](unsigned char c) {
                      return std::isalnum(c) || c == '_' || c == '-' || c == '.';
                    });
    if (!ok) return InvalidArgumentError("name must be a file name of letters, digits, _ - and .");
  }
  return Type::List(Kind::kBytes);
}

}  // namespace

void Register(Library& library) {
  library.analyzers.Add(
      {.name = "vocabulary",
       .doc = "How often each text occurs.",
       .make = [](std::span<const Type>) { return std::make_unique<TokenCounts>(); }});
  const Argument x = {.name = "x", .accepts = Accepts::kText, .doc = "a text or int"};
  const std::vector<Argument> settings = {
      {.name = "top_k", .accepts = Accepts::kInt, .doc = "keep so many at most",
       .constant = true, .nullable = true},
      {.name = "frequency_threshold", .accepts = Accepts::kFloat,
       .doc = "keep texts that occur (or weigh) at least so much", .constant = true,
       .nullable = true},
      {.name = "name", .accepts = Accepts::kBytes, .doc = "the file name of the vocabulary",
       .constant = true, .nullable = true}};
  std::vector<Argument> counted = {x};
  counted.insert(counted.end(), settings.begin(), settings.end());
  library.functions.Add(
      {.name = "vocabulary_tokens",
       .doc = "The distinct texts (of ints: their decimal texts), most frequent first, equally "
              "frequent ones in descending byte order. Empty texts and texts with line breaks are "
              "left out. Without any text: one placeholder.",
       .arguments = counted,
       .analyzer = "vocabulary",
       .infer = Check});
  std::vector<Argument> weighted = {
      x, {.name = "weight", .accepts = Accepts::kFloat, .doc = "of the row's texts"}};
  weighted.insert(weighted.end(), settings.begin(), settings.end());
  library.functions.Add({.name = "weighted_vocabulary_tokens",
                         .doc = "vocabulary_tokens ordered by the sum of the weights of their "
                                "rows; rows without a weight, or with one that is NaN or "
                                "infinite, do not count.",
                         .arguments = weighted,
                         .analyzer = "vocabulary",
                         .infer = Check});
}

}  // namespace bessemer::transform::vocabulary
