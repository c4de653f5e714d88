#include "bessemer/statistics/mutual_information/neighbours.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bessemer::statistics::mutual_information {
namespace {

constexpr int64_t kLeafPoints = 16;

double Distance(const double* a, const double* b, int64_t dimension) {
  double distance = 0;
  for (int64_t i = 0; i < dimension; ++i) distance = std::max(distance, std::fabs(a[i] - b[i]));
  return distance;
}

// Nodes still to visit: at most one more than the tree is deep.
class Stack {
 public:
  bool empty() const { return size_ == 0; }
  void Push(int64_t node) { nodes_[size_++] = node; }
  int64_t Pop() { return nodes_[--size_]; }

 private:
  int64_t nodes_[80] = {0};
  int size_ = 1;
};

}  // namespace

NeighbourTree::NeighbourTree(Points points) {
  const int64_t size = points.size();
  std::vector<int64_t> order(static_cast<size_t>(size));
  for (int64_t i = 0; i < size; ++i) order[i] = i;
  points_ = std::move(points);
  nodes_.push_back({0, size, -1, 0});
  for (size_t node = 0; node < nodes_.size(); ++node) Build(node, &order);
  Points sorted{points_.dimension, {}};
  sorted.coordinates.reserve(points_.coordinates.size());
  position_.resize(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    position_[order[i]] = static_cast<int64_t>(i);
    const double* point = points_.at(order[i]);
    sorted.coordinates.insert(sorted.coordinates.end(), point, point + points_.dimension);
  }
  points_ = std::move(sorted);
  index_ = std::move(order);
}

void NeighbourTree::Build(size_t node, std::vector<int64_t>* order) {
  const int64_t begin = nodes_[node].begin;
  const int64_t end = nodes_[node].end;
  const int64_t dimension = points_.dimension;
  nodes_[node].bounds = static_cast<int64_t>(bounds_.size());
  bounds_.resize(bounds_.size() + 2 * dimension);
  double* low = bounds_.data() + nodes_[node].bounds;
  double* high = low + dimension;
  std::fill(low, high, std::numeric_limits<double>::infinity());
  std::fill(high, high + dimension, -std::numeric_limits<double>::infinity());
  for (int64_t i = begin; i < end; ++i) {
    const double* point = points_.at((*order)[i]);
    for (int64_t d = 0; d < dimension; ++d) {
      low[d] = std::min(low[d], point[d]);
      high[d] = std::max(high[d], point[d]);
    }
  }
  if (end - begin <= kLeafPoints) return;
  int64_t widest = 0;
  for (int64_t d = 1; d < dimension; ++d) {
    if (high[d] - low[d] > high[widest] - low[widest]) widest = d;
  }
  const int64_t middle = begin + (end - begin) / 2;
  std::nth_element(order->begin() + begin, order->begin() + middle, order->begin() + end,
                   [this, widest](int64_t a, int64_t b) {
                     return points_.at(a)[widest] < points_.at(b)[widest];
                   });
  nodes_[node].left = static_cast<int64_t>(nodes_.size());
  nodes_.push_back({begin, middle, -1, 0});
  nodes_.push_back({middle, end, -1, 0});
}

double NeighbourTree::MinDistance(const Node& node, const double* point) const {
  const double* low = bounds_.data() + node.bounds;
  const double* high = low + points_.dimension;
  double distance = 0;
  for (int64_t d = 0; d < points_.dimension; ++d) {
    distance = std::max({distance, low[d] - point[d], point[d] - high[d]});
  }
  return distance;
}

double NeighbourTree::MaxDistance(const Node& node, const double* point) const {
  const double* low = bounds_.data() + node.bounds;
  const double* high = low + points_.dimension;
  double distance = 0;
  for (int64_t d = 0; d < points_.dimension; ++d) {
    distance = std::max({distance, point[d] - low[d], high[d] - point[d]});
  }
  return distance;
}

void NeighbourTree::Nearest(int64_t point, int64_t k,
                            std::vector<std::pair<double, int64_t>>* nearest) const {
  nearest->clear();
  const double* const centre = points_.at(position_[point]);
  const auto full = [&] { return static_cast<int64_t>(nearest->size()) == k; };
  // A heap whose top is the farthest; equal distances order by index.
  Stack stack;
  while (!stack.empty()) {
    const Node& node = nodes_[stack.Pop()];
    if (full() && MinDistance(node, centre) > nearest->front().first) continue;
    if (node.left >= 0) {
      const double left = MinDistance(nodes_[node.left], centre);
      const double right = MinDistance(nodes_[node.left + 1], centre);
      // The nearer child is looked at first.
      stack.Push(left <= right ? node.left + 1 : node.left);
      stack.Push(left <= right ? node.left : node.left + 1);
      continue;
    }
    for (int64_t i = node.begin; i < node.end; ++i) {
      if (index_[i] == point) continue;
      const std::pair<double, int64_t> candidate(Distance(points_.at(i), centre, points_.dimension),
                                                 index_[i]);
      if (full()) {
        if (!(candidate < nearest->front())) continue;
        std::pop_heap(nearest->begin(), nearest->end());
        nearest->pop_back();
      }
      nearest->push_back(candidate);
      std::push_heap(nearest->begin(), nearest->end());
    }
  }
  std::sort_heap(nearest->begin(), nearest->end());
}

int64_t NeighbourTree::CountWithin(int64_t point, double radius) const {
  const double* const centre = points_.at(position_[point]);
  int64_t count = 0;
  Stack stack;
  while (!stack.empty()) {
    const Node& node = nodes_[stack.Pop()];
    if (MinDistance(node, centre) > radius) continue;
    if (MaxDistance(node, centre) <= radius) {
      count += node.end - node.begin;
    } else if (node.left >= 0) {
      stack.Push(node.left);
      stack.Push(node.left + 1);
    } else {
      for (int64_t i = node.begin; i < node.end; ++i) {
        count += Distance(points_.at(i), centre, points_.dimension) <= radius ? 1 : 0;
      }
    }
  }
  return count;
}

}  // namespace bessemer::statistics::mutual_information
