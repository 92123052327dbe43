// What typed columns are worth: the same chart from the uploaded file and from them, in turn.
//
//   typed_bench FILE ROUNDS KIND [OPTION=VALUE …]
//   typed_bench rows.csv 5 bar x=cat y=y
//
// Prints processor and wall seconds of the fastest round of each, the bytes on disk, how long the
// columns took to be written, and the largest resident size until then.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>

#include "charts/figures.h"
#include "charts/figures_record.h"
#include "charts/options.h"
#include "datasets/open_table.h"
#include "datasets/summary.h"
#include "datasets/typed/typed.h"

namespace cauce::api {
namespace {

namespace fs = std::filesystem;

struct Spent {
  double processor = 0;  // seconds
  double wall = 0;
};

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return double(time.tv_sec) + double(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return double(usage.ru_maxrss) * 1024 / 1e6;
}

Spent measured(const std::function<void()>& work) {
  const double before = processor_seconds();
  const auto began = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
  return {processor_seconds() - before, wall.count()};
}

[[noreturn]] void fail(const Error& error) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  std::exit(1);
}

template <class T>
T must(Result<T> result) {
  if (!result) fail(result.error());
  return std::move(*result);
}

using OpenTable = std::function<std::unique_ptr<columns::Table>()>;

Bytes figures_of(const OpenTable& open, const charts::Request& request, Spent& least) {
  Bytes figures;
  const Spent spent = measured([&] {
    const auto table = open();
    figures = charts::to_bytes(must(charts::compute_figures(*table, request)));
  });
  if (least.wall == 0 || spent.processor < least.processor) least = spent;
  return figures;
}

std::uint64_t write_columns(const fs::path& file, const fs::path& columns) {
  std::uint64_t bytes = 0;
  const auto table = must(datasets::open_table(file));
  std::vector<std::uint64_t> distinct;
  const Spent summary = measured([&] {
    for (const auto& column : must(datasets::summarize(*table, 20)).columns) {
      distinct.push_back(column.distinct);
    }
  });
  const Spent written =
      measured([&] { bytes = must(datasets::typed::write(*table, distinct, columns)); });
  std::printf("checked in %.2f s, written in %.2f s of the processor; %.0f MB at most\n",
              summary.processor, written.processor, peak_megabytes());
  return bytes;
}

void compare(const fs::path& file, int rounds, const charts::Request& request) {
  const fs::path columns = file.string() + ".typed.columns";
  fs::remove(columns);
  const std::uint64_t bytes = write_columns(file, columns);
  const OpenTable uploaded = [&file]() -> std::unique_ptr<columns::Table> {
    return must(datasets::open_table(file));
  };
  const OpenTable typed = [&] {
    return must(datasets::typed::open(
        columns, [&] { return Result<std::unique_ptr<columns::Table>>(uploaded()); }));
  };
  Spent from_file;
  Spent from_columns;
  for (int round = 0; round < rounds; ++round) {
    const Bytes one = figures_of(uploaded, request, from_file);
    if (one != figures_of(typed, request, from_columns))
      fail({Outcome::corrupt, "the figures differ"});
  }
  std::printf("file     %12ju bytes  %.3f s processor  %.3f s wall\n",
              std::uintmax_t(fs::file_size(file)), from_file.processor, from_file.wall);
  std::printf("columns  %12ju bytes  %.3f s processor  %.3f s wall\n", std::uintmax_t(bytes),
              from_columns.processor, from_columns.wall);
  fs::remove(columns);
}

}  // namespace
}  // namespace cauce::api

int main(int count, char** words) {
  using namespace cauce;
  if (count < 4) return std::puts("typed_bench FILE ROUNDS KIND [OPTION=VALUE …]"), 1;
  charts::Request request;
  request.kind = api::must(charts::parse_kind(words[3]));
  request.every_statistic = false;
  for (int word = 4; word < count; ++word) {
    const std::string_view option = words[word];
    const std::size_t equals = option.find('=');
    const auto set = charts::set_option(request, option.substr(0, equals),
                                        option.substr(std::min(equals + 1, option.size())));
    if (!set) api::fail(set.error());
  }
  api::compare(words[1], std::stoi(words[2]), request);
  return 0;
}
