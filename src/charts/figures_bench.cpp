// What the statistics of a chart cost on top of reading: CPU seconds and peak memory over a table
// that hands out rows made before, and beside it the cost of only passing over that table.
//
//   figures_bench [ROWS]     build: cmake --preset release, then ninja -C build/release
//   figures_bench
#include <fmt/core.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <random>
#include <string>

#include "charts/figures.h"

namespace {

using namespace cauce;

double cpu_seconds() {
  timespec spent{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return double(spent.tv_sec) + double(spent.tv_nsec) / 1e9;
}

// Eight skewed categories, a mixture of two normal distributions, a column that depends on both,
// and heavy tails with 7 % missing. 16 blocks in turn, each with another offset, so that values
// are all different and the rows cost little to make.
class MadeTable final : public columns::Table {
 public:
  explicit MadeTable(std::uint64_t rows) : rows_(rows) {
    const std::array<const char*, 8> names{"alpha", "bravo",   "charlie", "delta",
                                           "echo",  "foxtrot", "golf",    "hotel"};
    std::mt19937_64 random{20260101};
    std::discrete_distribution<std::size_t> category{.30, .22, .15, .11, .09, .06, .04, .03};
    std::normal_distribution<double> low{20, 5};
    std::normal_distribution<double> high{45, 9};
    std::normal_distribution<double> noise{0, 12};
    std::student_t_distribution<double> heavy{3};
    std::uniform_real_distribution<double> share{0, 1};
    for (std::size_t row = 0; row < made; ++row) {
      const std::size_t chosen = category(random);
      categories_.emplace_back(names[chosen]);
      x_.push_back(share(random) < .6 ? low(random) : high(random));
      y_.push_back(1.7 * x_.back() + 3 * double(chosen) + noise(random));
      z_.push_back(share(random) < .07 ? std::numeric_limits<double>::quiet_NaN()
                                       : 100 + 10 * heavy(random));
    }
  }

  const columns::Schema& schema() const override { return schema_; }

  Result<std::unique_ptr<columns::Scan>> scan(std::vector<columns::Wanted> wanted) override {
    ++scans;
    return std::unique_ptr<columns::Scan>{std::make_unique<MadeScan>(*this, std::move(wanted))};
  }

  int scans = 0;

 private:
  static constexpr std::size_t made = 16 * columns::block_rows_max;

  class MadeScan final : public columns::Scan {
   public:
    MadeScan(const MadeTable& table, std::vector<columns::Wanted> wanted)
        : table_(table), wanted_(std::move(wanted)) {}

    Result<columns::Step> next(columns::Block& block) override {
      block.rows = std::min<std::uint64_t>(columns::block_rows_max, table_.rows_ - row_);
      block.lanes.resize(wanted_.size());
      const std::size_t from = row_ % made;
      const double offset = double(row_ / made) * 1e-7;
      for (std::size_t lane = 0; lane < wanted_.size(); ++lane) {
        fill(wanted_[lane], from, offset, block.rows, block.lanes[lane]);
      }
      row_ += block.rows;
      return block.rows == 0 ? columns::Step::end : columns::Step::rows;
    }

   private:
    void fill(columns::Wanted wanted, std::size_t from, double offset, std::size_t rows,
              columns::Lane& lane) const {
      if (wanted.as == columns::Cell::text) {
        lane.texts.resize(rows);
        std::copy_n(table_.categories_.begin() + std::ptrdiff_t(from), rows, lane.texts.begin());
        return;
      }
      const std::vector<double>& source =
          wanted.column == 1 ? table_.x_ : (wanted.column == 2 ? table_.y_ : table_.z_);
      lane.numbers.resize(rows);
      for (std::size_t row = 0; row < rows; ++row)
        lane.numbers[row] = source[from + row] + offset;
    }

    const MadeTable& table_;
    const std::vector<columns::Wanted> wanted_;
    std::uint64_t row_ = 0;
  };

  const columns::Schema schema_{{"cat", columns::Type::text},
                                {"x", columns::Type::number},
                                {"y", columns::Type::number},
                                {"z", columns::Type::number}};
  const std::uint64_t rows_;
  std::vector<std::string_view> categories_;
  std::vector<double> x_, y_, z_;
};

// Of one pass over the columns that the request names.
double pass_seconds(MadeTable& table, const charts::Request& request) {
  std::vector<columns::Wanted> wanted;
  for (std::size_t column = 0; column < table.schema().size(); ++column) {
    const std::string& name = table.schema()[column].name;
    if (name == request.x || name == request.y || name == request.color || name == request.by) {
      wanted.push_back({column, column == 0 ? columns::Cell::text : columns::Cell::number});
    }
  }
  const double before = cpu_seconds();
  auto scan = table.scan(wanted);
  for (columns::Block block; *(*scan)->next(block) == columns::Step::rows;) {
  }
  return cpu_seconds() - before;
}

void measure(const char* name, MadeTable& table, const charts::Request& request,
             const charts::FiguresLimits& limits) {
  const double pass = pass_seconds(table, request);
  table.scans = 0;
  const double before = cpu_seconds();
  const Result<charts::Figures> figures = charts::compute_figures(table, request, limits);
  const double spent = cpu_seconds() - before;
  if (!figures) {
    fmt::print("{}: {}\n", name, figures.error().message);
    std::exit(1);
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  fmt::print("{:<34} {:6.3f} s above {} scans of {:5.3f} s, peak so far {:4} MB\n", name,
             spent - pass * table.scans, table.scans, pass, usage.ru_maxrss / 1024);
}

charts::Request asked(charts::Kind kind, const char* x, const char* y, const char* by) {
  charts::Request request;
  request.kind = kind;
  request.x = x;
  request.y = y;
  request.by = by;
  return request;
}

}  // namespace

int main(int count, char** arguments) {
  const std::uint64_t rows = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 10'000'000;
  MadeTable table{rows};
  charts::FiguresLimits scanning;
  scanning.values_max = 100'000;
  charts::FiguresLimits keeping;
  keeping.values_max = 40'000'000;
  using charts::Kind;
  charts::Request means = asked(Kind::bar, "cat", "y", "");
  means.every_statistic = false;
  charts::Request tinted = asked(Kind::scatter, "x", "y", "");
  tinted.color = "z";
  for (const auto& [way, limits] : {std::pair{"scanning", scanning}, {"keeping", keeping}}) {
    fmt::print("{} rows, {}\n", rows, way);
    measure("bar, means", table, means, limits);
    measure("bar, all statistics", table, asked(Kind::bar, "cat", "y", ""), limits);
    measure("density", table, asked(Kind::density, "x", "", ""), limits);
    measure("density by category", table, asked(Kind::density, "x", "", "cat"), limits);
    measure("histogram", table, asked(Kind::histogram, "x", "", ""), limits);
    measure("scatter", table, asked(Kind::scatter, "x", "y", ""), limits);
    measure("scatter, colour by number", table, tinted, limits);
    measure("box by category", table, asked(Kind::box, "", "y", "cat"), limits);
    measure("box, heavy tails", table, asked(Kind::box, "", "z", ""), limits);
  }
}
