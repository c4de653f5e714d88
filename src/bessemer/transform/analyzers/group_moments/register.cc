#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "bessemer/transform/library.h"

// group_keys, group_mean, group_var, group_min, group_max: lists with an entry for each key.

namespace bessemer::transform::group_moments {
namespace {

using expression::Accepts;
using expression::CallContext;
using expression::Column;
using expression::Kind;
using expression::Shape;
using expression::Type;

struct Group {
  int64_t count = 0;  // of finite values
  double mean = 0;
  double m2 = 0;  // sum of squared deviations
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();

  void Add(double value) {
    min = std::min(min, value);
    max = std::max(max, value);
    if (!std::isfinite(value)) return;
    ++count;
    const double delta = value - mean;
    mean += delta / static_cast<double>(count);
    m2 += delta * (value - mean);
  }

  void Merge(const Group& other) {
    min = std::min(min, other.min);
    max = std::max(max, other.max);
    if (other.count == 0) return;
    const double n = static_cast<double>(count + other.count);
    const double delta = other.mean - mean;
    const double share = static_cast<double>(other.count) / n;
    m2 += other.m2 + delta * delta * static_cast<double>(count) * share;
    mean = count == 0 ? other.mean : mean + delta * share;
    count += other.count;
  }
};

class GroupMoments : public Accumulator {
 public:
  Status Update(std::span<const Column> args, int64_t num_rows) override {
    const Column& x = args[0];
    const Column& key = args[1];
    for (int64_t row = 0; row < num_rows; ++row) {
      if (!key.IsValid(row) || x.begin(row) == x.end(row)) continue;
      const auto found = groups_.find(key.bytes()[row]);
      Group& group = found != groups_.end() ? found->second
                                            : groups_[std::string(key.bytes()[row])];
      for (int64_t i = x.begin(row); i < x.end(row); ++i) {
        group.Add(static_cast<double>(x.floats()[i]));
      }
    }
    return OkStatus();
  }

  Status Merge(const Accumulator& other) override {
    for (const auto& [key, group] : static_cast<const GroupMoments&>(other).groups_) {
      groups_[key].Merge(group);
    }
    return OkStatus();
  }

  Json Save() const override {
    Json state = Json::array();
    for (const auto& [key, group] : groups_) {
      state.push_back({Json::binary({key.begin(), key.end()}), group.count, group.mean, group.m2,
                       group.min, group.max});
    }
    return state;
  }

  Status Load(const Json& state) override {
    groups_.clear();
    for (const Json& entry : state) {
      if (!entry.is_array() || entry.size() != 6) return DataLossError("no saved groups");
      const auto& key = entry[0].get_binary();
      groups_[std::string(key.begin(), key.end())] = {
          entry[1].get<int64_t>(), entry[2].get<double>(), entry[3].get<double>(),
          entry[4].get<double>(), entry[5].get<double>()};
    }
    return OkStatus();
  }

  StatusOr<Column> Finish(const ResultRequest& request) const override {
    std::vector<std::string> keys;
    std::vector<float> values;
    for (const auto& [key, group] : groups_) {
      keys.push_back(key);
      const double variance = group.count == 0 ? 0 : group.m2 / static_cast<double>(group.count);
      values.push_back(static_cast<float>(request.function == "group_mean"  ? group.mean
                                          : request.function == "group_var" ? variance
                                          : request.function == "group_min" ? group.min
                                                                            : group.max));
    }
    return request.function == "group_keys" ? Column::List(keys) : Column::List(values);
  }

 private:
  std::map<std::string, Group, std::less<>> groups_;
};

void Add(Library& library, std::string name, std::string doc, Kind kind) {
  library.functions.Add(
      {.name = std::move(name),
       .doc = std::move(doc),
       .arguments = {{.name = "x", .accepts = Accepts::kFloat, .doc = "a number"},
                     {.name = "key", .accepts = Accepts::kText, .doc = "the row's group"}},
       .analyzer = "group_moments",
       .infer = [kind](const CallContext& context) -> StatusOr<Type> {
         if (!context.types[0].per_row() || context.types[1].shape != Shape::kRow) {
           return InvalidArgumentError("it takes a feature and a key of one value a row");
         }
         return Type::List(kind);
       }});
}

}  // namespace

void Register(Library& library) {
  library.analyzers.Add(
      {.name = "group_moments",
       .doc = "Mean, variance and extremes of each group of rows.",
       .make = [](std::span<const Type>) { return std::make_unique<GroupMoments>(); }});
  Add(library, "group_keys", "The keys, ascending; rows without x or key are left out.",
      Kind::kBytes);
  Add(library, "group_mean", "The mean of x for each key, NaN and infinities left out.",
      Kind::kFloat);
  Add(library, "group_var", "The population variance of x for each key, likewise.", Kind::kFloat);
  Add(library, "group_min", "The least x for each key, NaN left out.", Kind::kFloat);
  Add(library, "group_max", "The greatest x for each key, NaN left out.", Kind::kFloat);
}

}  // namespace bessemer::transform::group_moments
