#include "api/sensor_table.h"

#include <fmt/core.h>

#include <array>

#include "columns/memory/memory.h"

namespace cauce::api {
namespace {

using columns::memory::Cells;

// A window brings a sketch of its numbers along: so many are in memory at once.
constexpr std::size_t windows_read_max = 5000;

struct Statistic {
  std::string_view name;
  double (*of)(const recent::Aggregate& window);
};
constexpr std::array<Statistic, 9> statistics{
    {{"mean", [](const recent::Aggregate& window) { return window.mean; }},
     {"min", [](const recent::Aggregate& window) { return window.min; }},
     {"max", [](const recent::Aggregate& window) { return window.max; }},
     {"p50", [](const recent::Aggregate& window) { return window.percentile(50); }},
     {"p95", [](const recent::Aggregate& window) { return window.percentile(95); }},
     {"deviation", [](const recent::Aggregate& window) { return window.deviation; }},
     {"count", [](const recent::Aggregate& window) { return double(window.count); }},
     {"first", [](const recent::Aggregate& window) { return window.first; }},
     {"last", [](const recent::Aggregate& window) { return window.last; }}}};

Error too_many(const record::Series& series, std::string_view what, std::size_t limit) {
  return {Outcome::invalid,
          fmt::format("{}/{} has more than {} {} in this time; choose a shorter one with from "
                      "and to",
                      series.device, series.metric, limit, what)};
}

std::unique_ptr<columns::Table> table_of(std::vector<Cells> cells) {
  return std::make_unique<columns::memory::MemoryTable>(std::move(cells));
}

// The columns of windows, filled one after the other.
class WindowColumns {
 public:
  explicit WindowColumns(bool are_days) : are_days_(are_days), numbers_(statistics.size()) {}

  void add(const Window& window) {
    times_.push_back(double(to_microseconds(moment_of(window))));
    texts_.push_back(window.date ? format_date(*window.date) : format_time(moment_of(window)));
    for (std::size_t index = 0; index < statistics.size(); ++index)
      numbers_[index].push_back(statistics[index].of(window.aggregate));
  }

  std::size_t size() const { return times_.size(); }

  std::vector<Cells> finish() {
    const auto type = are_days_ ? columns::Type::date : columns::Type::datetime;
    std::vector<Cells> cells;
    cells.push_back(
        columns::memory::time_cells("time", type, std::move(times_), std::move(texts_)));
    for (std::size_t index = 0; index < statistics.size(); ++index) {
      cells.push_back(columns::memory::number_cells(std::string(statistics[index].name),
                                                    std::move(numbers_[index])));
    }
    return cells;
  }

 private:
  // A day stands where its date does, not where its midnight fell in UTC.
  static Time moment_of(const Window& window) {
    return window.date ? TimeZone{}.day(*window.date).start : window.aggregate.start;
  }

  const bool are_days_;
  std::vector<double> times_;
  std::vector<std::string> texts_;
  std::vector<std::vector<double>> numbers_;  // by statistic
};

}  // namespace

Result<std::unique_ptr<columns::Table>> points_table(recent::Reader& recent,
                                                     const SeriesSource& source,
                                                     std::size_t points_max) {
  const auto points = recent.points(record::to_text(source.series), source.range.from,
                                    source.range.to, points_max + 1);
  if (!points) return points.error();
  if (points->size() > points_max) return too_many(source.series, "points", points_max);
  std::vector<double> times;
  std::vector<std::string> texts;
  std::vector<double> values;
  for (const recent::Point& point : *points) {
    times.push_back(double(to_microseconds(point.time)));
    texts.push_back(format_time(point.time));
    const double* number = std::get_if<double>(&point.value);
    values.push_back(number == nullptr ? columns::memory::missing : *number);
  }
  std::vector<Cells> cells;
  cells.push_back(columns::memory::time_cells("time", columns::Type::datetime, std::move(times),
                                              std::move(texts)));
  cells.push_back(columns::memory::number_cells("value", std::move(values)));
  return table_of(std::move(cells));
}

Result<std::unique_ptr<columns::Table>> windows_table(recent::Reader& recent,
                                                      const WindowsAsked& asked,
                                                      std::size_t windows_max) {
  WindowColumns table(!asked.size.stored);
  WindowsAsked rest = asked;
  for (;;) {
    const auto windows = read_windows(recent, rest, windows_read_max);
    if (!windows) return windows.error();
    for (const Window& window : *windows)
      table.add(window);
    if (table.size() > windows_max) return too_many(asked.series, "windows", windows_max);
    if (windows->size() < windows_read_max) return table_of(table.finish());
    rest.range.from = windows->back().aggregate.start + Duration{1};
  }
}

}  // namespace cauce::api
