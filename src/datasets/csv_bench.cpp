// Reads columns of a CSV and prints how long it took and what came out.
//
//   csv_bench FILE COLUMN[:text] …        csv_bench /tmp/rows.csv n x y z
#include <sys/resource.h>

#include <cmath>
#include <cstdio>
#include <string>

#include "datasets/csv/csv.h"

namespace cauce::datasets {
namespace {

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return double(time.tv_sec) + double(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

long peak_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

struct Sum {
  std::uint64_t values = 0;
  std::uint64_t missing = 0;
  double total = 0;
  std::uint64_t text_bytes = 0;
};

void add(const columns::Lane& lane, std::size_t rows, Sum& sum) {
  if (!lane.numbers.empty()) {
    for (std::size_t row = 0; row < rows; ++row) {
      const double value = lane.numbers[row];
      const bool there = !std::isnan(value);
      sum.values += there ? 1 : 0;
      sum.total += there ? value : 0;
    }
    sum.missing = 0;
  } else {
    for (std::size_t row = 0; row < rows; ++row) {
      sum.values += lane.texts[row].data() != nullptr ? 1 : 0;
      sum.text_bytes += lane.texts[row].size();
    }
  }
}

Result<void> run(int argument_count, char** arguments) {
  Result<std::unique_ptr<FileTable>> table = csv::open_csv(std::filesystem::path(arguments[1]));
  if (!table) return table.error();
  std::vector<columns::Wanted> wanted;
  for (int index = 2; index < argument_count; ++index) {
    std::string name = arguments[index];
    const bool text = name.ends_with(":text");
    if (text) name.resize(name.size() - 5);
    const Result<std::size_t> column = columns::find_column((*table)->schema(), name);
    if (!column) return column.error();
    wanted.push_back({*column, text ? columns::Cell::text : columns::Cell::number});
  }
  Result<std::unique_ptr<columns::Scan>> scan = (*table)->scan(wanted);
  if (!scan) return scan.error();
  std::vector<Sum> sums(wanted.size());
  std::uint64_t rows = 0;
  for (columns::Block block;;) {
    const Result<columns::Step> step = (*scan)->next(block);
    if (!step) return step.error();
    if (*step == columns::Step::retyped) return Error{Outcome::invalid, "retyped"};
    if (*step == columns::Step::end) break;
    rows += block.rows;
    for (std::size_t index = 0; index < wanted.size(); ++index) {
      add(block.lanes[index], block.rows, sums[index]);
    }
  }
  std::printf("%llu rows, %.3f s CPU, %ld kB at most\n", static_cast<unsigned long long>(rows),
              cpu_seconds(), peak_kilobytes());
  for (std::size_t index = 0; index < wanted.size(); ++index) {
    std::printf("  %-12s %llu values, sum %.17g, %llu bytes\n", arguments[index + 2],
                static_cast<unsigned long long>(sums[index].values), sums[index].total,
                static_cast<unsigned long long>(sums[index].text_bytes));
  }
  return {};
}

}  // namespace
}  // namespace cauce::datasets

int main(int argument_count, char** arguments) {
  if (argument_count < 3) {
    std::fprintf(stderr, "csv_bench FILE COLUMN[:text] …\n");
    return 2;
  }
  const cauce::Result<void> done = cauce::datasets::run(argument_count, arguments);
  if (!done) std::fprintf(stderr, "%s\n", done.error().message.c_str());
  return done ? 0 : 1;
}
