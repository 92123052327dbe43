// Small tables of anything, for tests.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "charts/figures.h"
#include "columns/memory/memory.h"

namespace cauce::charts {

using TableCells = columns::memory::Cells;
using columns::memory::MemoryTable;
using columns::memory::missing;
using columns::memory::number_cells;
using columns::memory::Options;
using columns::memory::text_cells;

inline Request asked(Kind kind, const std::string& x, const std::string& y = "",
                     const std::string& by = "") {
  Request request;
  request.kind = kind;
  request.x = x;
  request.y = y;
  request.by = by;
  return request;
}

inline Figures computed(MemoryTable table, const Request& request,
                        const FiguresLimits& limits = {}) {
  const Result<Figures> figures = compute_figures(table, request, limits);
  REQUIRE_MESSAGE(figures, (figures ? "" : figures.error().message));
  return *figures;
}

inline std::string refused(std::vector<TableCells> columns, const Request& request,
                           const FiguresLimits& limits = {}) {
  MemoryTable table{std::move(columns)};
  const Result<Figures> figures = compute_figures(table, request, limits);
  REQUIRE_FALSE(figures);
  return figures.error().message;
}

// A small table of anything: group may be missing, so may values.
struct Sample {
  std::vector<std::string> groups;
  std::vector<double> x;
  std::vector<double> y;

  MemoryTable table(Options options = {}) const {
    return MemoryTable{{text_cells("g", groups), number_cells("x", x), number_cells("y", y)},
                       options};
  }

  Sample picked(const std::vector<std::size_t>& rows) const {
    Sample sample;
    for (const std::size_t row : rows) {
      sample.groups.push_back(groups[row]);
      sample.x.push_back(x[row]);
      sample.y.push_back(y[row]);
    }
    return sample;
  }
};

inline Sample random_sample(std::mt19937_64& random, std::size_t rows) {
  std::uniform_int_distribution<int> group{0, 4};
  std::uniform_int_distribution<int> whole{-20, 20};
  std::normal_distribution<double> normal{3, 2};
  std::bernoulli_distribution sometimes{0.1};
  Sample sample;
  for (std::size_t row = 0; row < rows; ++row) {
    const int chosen = group(random);
    sample.groups.push_back(chosen == 0 ? "" : std::string(1, char('a' + chosen)));
    sample.x.push_back(sometimes(random) ? missing : whole(random));
    sample.y.push_back(sometimes(random) ? missing : normal(random) * (1 + chosen));
  }
  return sample;
}

inline bool close(double one, double other, double tolerance = 1e-12) {
  if (std::isnan(one) && std::isnan(other)) return true;
  return std::fabs(one - other) <= tolerance * std::max({std::fabs(one), std::fabs(other), 1e-300});
}

inline FiguresLimits scanning() {
  FiguresLimits limits;
  limits.values_max = 4;
  return limits;
}

}  // namespace cauce::charts
