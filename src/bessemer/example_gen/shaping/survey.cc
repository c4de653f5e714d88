#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include "bessemer/base/parallel.h"
#include "bessemer/example_gen/shaping/survey_internal.h"

namespace bessemer::example_gen::shaping {
namespace {

constexpr size_t kMaxClasses = 65536;
constexpr int kTaskShift = 40;  // a position is task << 40 | row
constexpr size_t kBufferRecords = 1024;

// Which of `num_parts` equal ranges of 64 bits a number lies in.
size_t PartOf(uint64_t number, size_t num_parts) {
  return static_cast<size_t>(static_cast<unsigned __int128>(number) * num_parts >> 64);
}

}  // namespace

StatusOr<uint64_t> ClassTable::Id(std::string_view text) {
  const std::lock_guard lock(mutex_);
  const auto known = ids_.find(text);
  if (known != ids_.end()) return known->second;
  if (ids_.size() == kMaxClasses) {
    return ResourceExhaustedError("more than {} different values, too many for a label",
                                  kMaxClasses);
  }
  return ids_.emplace(std::string(text), ids_.size()).first->second;
}

std::vector<std::string> ClassTable::texts() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> texts(ids_.size());
  for (const auto& [text, id] : ids_) texts[id] = text;
  return texts;
}

Survey::Survey(FactLayout layout, size_t num_tasks, std::string scratch_dir, int64_t part_bytes)
    : layout_(layout),
      part_bytes_(part_bytes),
      scratch_(std::move(scratch_dir)),
      fates_(num_tasks) {
  for (size_t task = 0; task < num_tasks; ++task) {
    facts_.emplace_back(&scratch_, static_cast<size_t>(layout.width), kBufferRecords);
  }
}

Status Survey::Add(size_t task, uint8_t fate, const uint64_t* facts) {
  fates_[task].push_back(fate);
  return facts_[task].Append(facts);
}

int64_t Survey::num_rows() const {
  int64_t num_rows = 0;
  for (const auto& fates : fates_) num_rows += static_cast<int64_t>(fates.size());
  return num_rows;
}

// Lists that together take all rows, with records of a width.
std::deque<WordList> Survey::MakeParts(size_t width) {
  const int64_t bytes = num_rows() * static_cast<int64_t>(width * sizeof(uint64_t));
  const int64_t num_parts = std::clamp<int64_t>((bytes + part_bytes_ - 1) / part_bytes_, 1, 512);
  std::deque<WordList> parts;
  for (int64_t i = 0; i < num_parts; ++i) {
    parts.emplace_back(&scratch_, width, num_parts == 1 ? SIZE_MAX / 64 : kBufferRecords);
  }
  return parts;
}

uint8_t* Survey::FateAt(uint64_t position) {
  return &fates_[position >> kTaskShift][position & ((uint64_t{1} << kTaskShift) - 1)];
}

Status Survey::VisitRows(const VisitRow& visit) {
  for (size_t task = 0; task < facts_.size(); ++task) {
    uint64_t position = static_cast<uint64_t>(task) << kTaskShift;
    uint8_t* fate = fates_[task].data();
    BESSEMER_RETURN_IF_ERROR(facts_[task].Visit(
        [&](const uint64_t* facts) { return visit(facts, fate++, position++); }));
  }
  return OkStatus();
}

namespace {

// A row among those that may be its duplicates.
struct Candidate {
  std::array<uint64_t, 2> key;
  uint64_t rank;
  uint64_t tie;  // the least wins
  uint64_t position;
};
static_assert(sizeof(Candidate) == 5 * sizeof(uint64_t));

}  // namespace

Status Survey::DropDuplicates(bool keep_last, int num_threads) {
  std::deque<WordList> parts = MakeParts(5);
  BESSEMER_RETURN_IF_ERROR(
      VisitRows([&](const uint64_t* facts, uint8_t* fate, uint64_t position) -> Status {
        const uint64_t* key = facts + layout_.key;
        if (key[0] == 0 && key[1] == 0) return OkStatus();  // has no key
        const uint64_t rank = layout_.rank < 0 ? 0 : facts[layout_.rank];
        const uint64_t tie = keep_last ? ~position : layout_.rank < 0 ? 0 : facts[layout_.hash];
        const uint64_t record[] = {key[0], key[1], rank, tie, position};
        return parts[PartOf(key[0], parts.size())].Append(record);
      }));
  const auto resolve = [&](int64_t part) -> Status {
    BESSEMER_ASSIGN_OR_RETURN(std::vector<uint64_t> words,
                              parts[static_cast<size_t>(part)].ReadAll());
    auto* begin = reinterpret_cast<Candidate*>(words.data());
    auto* end = begin + words.size() / 5;
    std::sort(begin, end, [](const Candidate& a, const Candidate& b) {
      if (a.key != b.key) return a.key < b.key;
      if (a.rank != b.rank) return a.rank > b.rank;
      if (a.tie != b.tie) return a.tie < b.tie;
      return a.position < b.position;
    });
    for (auto* row = begin; row != end; ++row) {
      if (row != begin && row->key == (row - 1)->key) *FateAt(row->position) = kDuplicate;
    }
    return OkStatus();
  };
  return ParallelFor(static_cast<int64_t>(parts.size()), num_threads, resolve);
}

StatusOr<std::vector<std::optional<uint64_t>>> Survey::FindTimes(
    const std::vector<double>& fractions) {
  int64_t num_pending = 0;
  for (const auto& fates : fates_) num_pending += std::count(fates.begin(), fates.end(), kPending);
  // Radix selection: 16 bits of each place sought a pass.
  struct Sought {
    int64_t rank;        // among the rows whose time begins with `prefix`
    uint64_t prefix = 0;
    std::vector<int64_t> counts = {};
  };
  std::vector<std::optional<uint64_t>> begins;
  std::vector<Sought> all;
  std::vector<size_t> targets;  // by entry of `all`, the entry of `begins`
  double sum = 0;
  for (size_t i = 0; i + 1 < fractions.size(); ++i) {
    sum += fractions[i];
    const int64_t rank = std::llround(sum * static_cast<double>(num_pending));
    begins.emplace_back();
    if (rank >= num_pending) continue;
    targets.push_back(i);
    all.push_back({rank});
  }
  for (int shift = 48; shift >= 0 && !all.empty(); shift -= 16) {
    for (Sought& sought : all) sought.counts.assign(65536, 0);
    BESSEMER_RETURN_IF_ERROR(VisitRows([&](const uint64_t* facts, uint8_t* fate, uint64_t) {
      if (*fate != kPending) return OkStatus();
      const uint64_t time = facts[layout_.time];
      for (Sought& sought : all) {
        if (shift == 48 || time >> (shift + 16) == sought.prefix) {
          ++sought.counts[time >> shift & 0xffff];
        }
      }
      return OkStatus();
    }));
    for (Sought& sought : all) {
      uint64_t digit = 0;
      while (sought.rank >= sought.counts[digit]) sought.rank -= sought.counts[digit++];
      sought.prefix = sought.prefix << 16 | digit;
    }
  }
  for (size_t i = 0; i < all.size(); ++i) begins[targets[i]] = all[i].prefix;
  return begins;
}

Status Survey::SplitByTime(const std::vector<std::optional<uint64_t>>& begins,
                           const std::vector<size_t>& splits) {
  return VisitRows([&](const uint64_t* facts, uint8_t* fate, uint64_t) {
    if (*fate != kPending) return OkStatus();
    size_t part = 0;
    for (size_t i = 0; i < begins.size(); ++i) {
      if (begins[i] && facts[layout_.time] >= *begins[i]) part = i + 1;
    }
    *fate = static_cast<uint8_t>(splits[part]);
    return OkStatus();
  });
}

Status Survey::VisitByDraw(const std::function<bool(uint8_t fate, uint64_t group)>& choose,
                           int group_word, uint64_t seed, Purpose purpose,
                           const std::function<void(uint64_t group, uint8_t* fate)>& visit) {
  std::deque<WordList> parts = MakeParts(3);
  BESSEMER_RETURN_IF_ERROR(
      VisitRows([&](const uint64_t* facts, uint8_t* fate, uint64_t position) -> Status {
        const uint64_t group = facts[group_word];
        if (!choose(*fate, group)) return OkStatus();
        const uint64_t draw = Draw(facts[layout_.hash], seed, purpose);
        const uint64_t record[] = {draw, position, group};
        return parts[PartOf(draw, parts.size())].Append(record);
      }));
  for (const WordList& part : parts) BESSEMER_RETURN_IF_ERROR(VisitDraws(part, visit));
  return OkStatus();
}

Status Survey::VisitDraws(const WordList& part,
                          const std::function<void(uint64_t group, uint8_t* fate)>& visit) {
  struct Row {
    uint64_t draw;
    uint64_t position;
    uint64_t group;
  };
  BESSEMER_ASSIGN_OR_RETURN(std::vector<uint64_t> words, part.ReadAll());
  auto* begin = reinterpret_cast<Row*>(words.data());
  auto* end = begin + words.size() / 3;
  std::sort(begin, end, [](const Row& a, const Row& b) {
    return a.draw != b.draw ? a.draw < b.draw : a.position < b.position;
  });
  for (auto* row = begin; row != end; ++row) visit(row->group, FateAt(row->position));
  return OkStatus();
}

Status Survey::SplitStrata(const StratifiedSplit& rule) {
  struct Stratum {
    int64_t num_rows = 0;
    int64_t next = 0;
  };
  std::unordered_map<uint64_t, Stratum> strata;
  BESSEMER_RETURN_IF_ERROR(VisitRows([&](const uint64_t* facts, uint8_t* fate, uint64_t) {
    if (*fate == kPending) ++strata[facts[layout_.stratum]].num_rows;
    return OkStatus();
  }));
  std::vector<double> ends;  // of the splits, as parts of all buckets
  double total = 0;
  for (const SplitBuckets& split : rule.splits) ends.push_back(total += split.hash_buckets);
  for (double& end : ends) end /= total;
  return VisitByDraw(
      [](uint8_t fate, uint64_t) { return fate == kPending; }, layout_.stratum, rule.seed,
      Purpose::kStratify, [&](uint64_t group, uint8_t* fate) {
        Stratum& stratum = strata[group];
        // A shift of its own for each stratum, so that many small ones together keep the ratio.
        const double shift =
            static_cast<double>(Draw(group, rule.seed, Purpose::kShift) >> 11) * 0x1.0p-53;
        const auto rank = static_cast<double>(stratum.next++);
        size_t split = 0;
        while (split + 1 < ends.size() &&
               rank >= std::floor(ends[split] * static_cast<double>(stratum.num_rows) + shift)) {
          ++split;
        }
        *fate = static_cast<uint8_t>(split);
      });
}

StatusOr<std::vector<ClassCount>> Survey::Balance(const BalanceRule& rule,
                                                  const std::vector<bool>& in_splits, bool drop) {
  std::vector<ClassCount> counts;
  for (const std::string& text : classes_.texts()) counts.push_back({text});
  const auto counted = [&](uint8_t fate, uint64_t label) {
    return label > 0 && IsSplit(fate) && in_splits[fate];
  };
  BESSEMER_RETURN_IF_ERROR(VisitRows([&](const uint64_t* facts, uint8_t* fate, uint64_t) {
    const uint64_t label = facts[layout_.label];
    if (counted(*fate, label)) ++counts[label - 1].num_rows;
    return OkStatus();
  }));
  int64_t smallest = INT64_MAX;
  for (const ClassCount& count : counts) {
    if (count.num_rows > 0) smallest = std::min(smallest, count.num_rows);
  }
  for (ClassCount& count : counts) {
    const double most = std::floor(*rule.ratio * static_cast<double>(smallest));
    count.num_kept = static_cast<double>(count.num_rows) <= most ? count.num_rows
                                                                  : static_cast<int64_t>(most);
  }
  if (drop) {
    std::vector<int64_t> seen(counts.size(), 0);
    BESSEMER_RETURN_IF_ERROR(VisitByDraw(
        counted, layout_.label, rule.seed, Purpose::kBalance, [&](uint64_t label, uint8_t* fate) {
          if (seen[label - 1]++ >= counts[label - 1].num_kept) *fate = kUnbalanced;
        }));
  }
  std::sort(counts.begin(), counts.end(),
            [](const ClassCount& a, const ClassCount& b) { return a.value < b.value; });
  return counts;
}

}  // namespace bessemer::example_gen::shaping
