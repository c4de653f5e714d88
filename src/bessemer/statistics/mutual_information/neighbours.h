#ifndef BESSEMER_STATISTICS_MUTUAL_INFORMATION_NEIGHBOURS_H_
#define BESSEMER_STATISTICS_MUTUAL_INFORMATION_NEIGHBOURS_H_

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace bessemer::statistics::mutual_information {

// Points in a space of `dimension` ≥ 1 finite coordinates, by the maximum norm: the distance of two
// is the largest difference of a coordinate.
struct Points {
  int64_t dimension = 1;
  std::vector<double> coordinates;  // point by point

  int64_t size() const { return static_cast<int64_t>(coordinates.size()) / dimension; }
  const double* at(int64_t i) const { return coordinates.data() + i * dimension; }
};

// A k-d tree (Bentley, 1975) over points, split at the median of the widest dimension. Answers are
// exact; near logarithmic in few dimensions, up to linear in many. Thread-safe.
class NeighbourTree {
 public:
  explicit NeighbourTree(Points points);

  // The `k` nearest of the other points and their distances, nearest first; of equally far ones
  // those of lower index. k is less than the number of points.
  void Nearest(int64_t point, int64_t k, std::vector<std::pair<double, int64_t>>* nearest) const;
  // The number of points, itself included, at most `radius` away.
  int64_t CountWithin(int64_t point, double radius) const;

 private:
  struct Node {
    int64_t begin;
    int64_t end;
    int64_t left;  // node number; the right child follows; -1: a leaf
    int64_t bounds;  // of its box in bounds_: lows, then highs
  };

  void Build(size_t node, std::vector<int64_t>* order);
  double MinDistance(const Node& node, const double* point) const;
  double MaxDistance(const Node& node, const double* point) const;

  Points points_;                   // in the order of the tree
  std::vector<int64_t> index_;      // of points_ in what was given
  std::vector<int64_t> position_;   // and back
  std::vector<Node> nodes_;
  std::vector<double> bounds_;
};

}  // namespace bessemer::statistics::mutual_information

#endif  // BESSEMER_STATISTICS_MUTUAL_INFORMATION_NEIGHBOURS_H_
