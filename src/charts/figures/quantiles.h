// Exact quantiles of groups of any size in bounded memory: each pass over the values narrows down
// where the wanted ranks lie, first in equal buckets, then in buckets over the ordered bit pattern
// of doubles (64 bits, so the number of passes has an end); what is left is gathered and
// partitioned. Two passes are enough unless almost all values are almost the same.
//
// Interpolates linearly between ranks (Hyndman and Fan 1996, type 7; numpy's and R's default).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "charts/figures/grouped.h"

namespace cauce::charts::figures {

class Quantiles {
 public:
  struct Extent {
    std::uint64_t n = 0;
    double min = 0, max = 0;
  };

  // Of each group what a first pass found; probabilities in [0, 1]; at most `gathered_max` values
  // are held at a time.
  Quantiles(const std::vector<Extent>& groups, std::vector<double> probabilities,
            std::size_t gathered_max);

  bool done() const { return open_ == 0; }
  void observe(std::size_t group, std::span<const double> values);
  // conflict: the values are not those that the first pass saw.
  Result<void> end_pass();

  // Of a group with values, when done.
  double value(std::size_t group, std::size_t probability) const;

 private:
  // Values whose ordered bit patterns lie in [low, high]; some wanted rank is among them.
  struct Bracket {
    std::uint64_t low, high;
    std::uint64_t below;  // values of the group under low
    std::uint64_t inside;
    std::size_t counters = 0;  // of this pass: where they begin
    std::vector<double> gathered;
  };
  struct Group {
    Extent extent;
    std::vector<std::uint64_t> ranks;  // ascending, each once
    std::vector<double> found;         // for each rank
    std::vector<Bracket> open;         // ascending, without overlap
  };

  void begin_pass();
  void count(Group& group, std::span<const double> values);
  void count_equal_buckets(Group& group, std::span<const double> values);
  void narrow(Group& group);
  Result<void> pick(Group& group);
  void settle(Group& group, const Bracket& bracket, double value);

  std::vector<double> probabilities_;
  std::size_t gathered_max_;
  std::vector<Group> groups_;
  std::size_t open_ = 0;  // brackets
  int passes_ = 0;
  bool gathering_ = false;
  std::size_t buckets_ = 0;  // of each open bracket
  std::vector<std::uint64_t> counters_;
};

// Makes the passes that the quantiles of one column need.
Result<void> find_quantiles(GroupedRows& rows, std::size_t number, Quantiles& quantiles);

}  // namespace cauce::charts::figures
