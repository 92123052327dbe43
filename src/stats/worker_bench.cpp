// How many facts a second of CPU time become points and windows: job queue, worker and the recent
// store on memory engines, so that the disk does not count. Prints one line for each load.
//
//   worker_bench        build: cmake --preset release, then ninja -C build/release worker_bench
#include <fmt/core.h>

#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "jobs/memory/memory.h"
#include "recent/memory/memory.h"
#include "stats/feeder.h"
#include "stats/worker.h"

namespace {

using namespace cauce;

const Time start = *parse_time("2026-11-21T12:00:00Z");

template <class T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  fmt::print("{}\n", result.error().message);
  std::exit(1);
}

double cpu_seconds() {
  timespec spent{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return double(spent.tv_sec) + double(spent.tv_nsec) / 1e9;
}

struct Load {
  const char* name;
  int series;
  Duration step;     // between two values of a series
  int batch_values;  // values of each series in one batch
  int batches;
};

stream::Batch batch_of(const Load& load, int number, std::uint64_t& position) {
  stream::Batch batch{{0}, {position}, {position}, {}, {}};
  for (int series = 0; series < load.series; ++series) {
    for (int value = 0; value < load.batch_values; ++value) {
      record::Fact fact;
      fact.company = "acme";
      fact.site = "plant";
      fact.device = fmt::format("pump-{}", series);
      fact.device_type = "motor";
      fact.metric = "temperature";
      const int index = number * load.batch_values + value;
      fact.time = start + load.step * index;
      fact.received_at = fact.time;
      fact.value = 20 + double((index * 7919 + series) % 1000) / 100;
      fact.unit = "Cel";
      fact.origin = {0, position++, 0, 0};
      batch.records.push_back(record::encode(fact));
    }
  }
  batch.to = {position};
  return batch;
}

void measure(const Load& load) {
  const VirtualClock clock{start + std::chrono::hours{1}};
  jobs::memory::Queue jobs{clock, {}};
  recent::memory::Store store{clock, {}};
  stats::Committer committer{store};
  stats::Feeder feeder{jobs, stream::Partition{0}, [] {}};
  const auto worker = stats::work_on(jobs, committer, clock, {});
  std::uint64_t position = 0;
  double seconds = 0;
  for (int number = 0; number < load.batches; ++number) {
    const stream::Batch batch = batch_of(load, number, position);
    const double before = cpu_seconds();
    if (const auto fed = feeder.deliver(batch); !fed) must(Result<int>{fed.error()});
    while (must(worker->step()) == work::Progress::worked) {
    }
    seconds += cpu_seconds() - before;
  }
  fmt::print("{:<44} {:>9} facts {:>7.2f} s {:>10.0f} facts per CPU second\n", load.name, position,
             seconds, double(position) / seconds);
}

}  // namespace

int main() {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  measure({"500 series, each value its own batch, 5 s", 500, seconds{5}, 1, 400});
  measure({"50 series, 20 values a batch, 5 s", 50, seconds{5}, 20, 100});
  measure({"5 series, 100 values a second", 5, milliseconds{10}, 10, 600});
  return 0;
}
