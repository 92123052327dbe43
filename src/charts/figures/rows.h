// The rows of a table, as often as a statistic needs them. The one place that drives a scan: a
// column that turns out to have another type ends the pass, and whoever computes starts over.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "columns/columns.h"

namespace cauce::charts::figures {

struct Range {
  double low, high;
};

// Where bins and cells begin and end when that is not at the lowest or the highest value, which lie
// within. Logarithms where these are drawn.
struct Bounds {
  std::optional<double> low, high;

  Range around(double min, double max) const { return {low.value_or(min), high.value_or(max)}; }
};

struct Frame {
  Bounds x, y;
  std::vector<Bounds> columns = {};  // of a pair plot; none: each as its values have it
};

class Rows {
 public:
  explicit Rows(columns::Table& table, const Frame& frame = {}) : table_(table), frame_(frame) {}

  const Frame& frame() const { return frame_; }

  const columns::Schema& schema() const { return table_.schema(); }

  // Hands out all blocks from the first row to the last. An error of outcome conflict with
  // retyped() says: look at schema() again, then start over.
  Result<void> each(const std::vector<columns::Wanted>& wanted,
                    const std::function<Result<void>(const columns::Block&)>& use);

  bool retyped() const { return retyped_; }

 private:
  columns::Table& table_;
  const Frame frame_;
  bool retyped_ = false;
  bool passed_ = false;     // one pass came to its end
  std::uint64_t rows_ = 0;  // of that pass
};

}  // namespace cauce::charts::figures
