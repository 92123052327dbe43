#include "app/metrics_worker.h"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <utility>

#include "base/log.h"
#include "work/signal.h"

namespace cauce::app {
namespace {

constexpr Duration interval = std::chrono::seconds{1};

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// The second number of /proc/self/statm, in pages (proc(5)).
double resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  double whole = 0;
  double resident = 0;
  statm >> whole >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

class MetricsWorker final : public work::Worker {
 public:
  MetricsWorker(std::string process, metrics::Metrics& metrics, const RunDirectory& run,
                const Clock& clock)
      : process_(std::move(process)), metrics_(metrics), run_(run), clock_(clock) {}

  std::string_view name() const override { return "metrics"; }
  void wait(Duration span_max) override { signal_.wait(std::min(span_max, interval)); }
  void wake() override { signal_.set(); }

  Result<work::Progress> step() override {
    const Duration now = clock_.elapsed();
    if (written_at_ && now - *written_at_ < interval) return work::Progress::idle;
    written_at_ = now;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    cpu_.set(seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
    resident_.set(resident_bytes());
    const Result<void> written = run_.write_metrics(process_, metrics_.text());
    if (!written && !std::exchange(failed_, true)) log::warning(written.error().message);
    if (written) failed_ = false;
    return work::Progress::idle;
  }

 private:
  const std::string process_;
  metrics::Metrics& metrics_;
  const RunDirectory& run_;
  const Clock& clock_;
  const metrics::Gauge cpu_ =
      metrics_.gauge("cauce_process_cpu_seconds", "Processor time the process has used.");
  const metrics::Gauge resident_ =
      metrics_.gauge("cauce_process_resident_bytes", "Memory of the process that is in RAM.");
  std::optional<Duration> written_at_;
  bool failed_ = false;
  work::Signal signal_;
};

}  // namespace

std::unique_ptr<work::Worker> publish_metrics(std::string process, metrics::Metrics& metrics,
                                              const RunDirectory& run, const Clock& clock) {
  return std::make_unique<MetricsWorker>(std::move(process), metrics, run, clock);
}

}  // namespace cauce::app
