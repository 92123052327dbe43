#include "metrics/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <map>

#include "base/invariant.h"

namespace cauce::metrics {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricType;

double seconds_of(Duration span) {
  return std::chrono::duration<double>(span).count();
}

}  // namespace

// The samples of one name. Cells never move, so handles point into the map.
class Family {
 public:
  Family(std::string_view name, std::string_view help, MetricType type,
         std::vector<std::string> labels)
      : name_(name), help_(help), type_(type), labels_(std::move(labels)) {}

  const std::string& name() const { return name_; }
  MetricType type() const { return type_; }

  template <class Kind>
  Kind at(const std::vector<std::string>& values) {
    const std::lock_guard lock(mutex_);
    INVARIANT(values.size() == labels_.size());
    Cell& cell = cells_[values];
    INVARIANT(cells_.size() <= Metrics::samples_max);
    if constexpr (std::is_same_v<Kind, Counter>) return Counter(&cell.count);
    if constexpr (std::is_same_v<Kind, Gauge>) return Gauge(&cell.value);
    if constexpr (std::is_same_v<Kind, Histogram>) {
      if (!cell.spans) cell.spans = std::make_unique<Histogram::Cell>();
      return Histogram(cell.spans.get());
    }
  }

  prometheus::MetricFamily collect() const {
    prometheus::MetricFamily family{name_, help_, type_, {}};
    const std::lock_guard lock(mutex_);
    for (const auto& [values, cell] : cells_) {
      ClientMetric metric;
      for (std::size_t index = 0; index < labels_.size(); ++index)
        metric.label.push_back({labels_[index], values[index]});
      metric.counter.value = static_cast<double>(cell.count.load(std::memory_order_relaxed));
      metric.gauge.value = cell.value.load(std::memory_order_relaxed);
      if (cell.spans) metric.histogram = histogram_of(*cell.spans);
      family.metric.push_back(std::move(metric));
    }
    return family;
  }

 private:
  struct Cell {
    std::atomic<std::uint64_t> count{0};
    std::atomic<double> value{0};
    std::unique_ptr<Histogram::Cell> spans;
  };

  static ClientMetric::Histogram histogram_of(const Histogram::Cell& cell) {
    ClientMetric::Histogram histogram;
    for (std::size_t index = 0; index <= Histogram::bounds; ++index) {
      histogram.sample_count += cell.counts[index].load(std::memory_order_relaxed);
      const double bound = index < Histogram::bounds ? seconds_of(Histogram::bound(index))
                                                     : std::numeric_limits<double>::infinity();
      histogram.bucket.push_back({histogram.sample_count, bound});
    }
    const auto sum = cell.sum_us.load(std::memory_order_relaxed);
    histogram.sample_sum = static_cast<double>(sum) / 1e6;
    return histogram;
  }

  const std::string name_;
  const std::string help_;
  const MetricType type_;
  const std::vector<std::string> labels_;
  mutable std::mutex mutex_;  // guards cells_, not what is in them
  std::map<std::vector<std::string>, Cell> cells_;
};

void Histogram::observe(Duration span, std::uint64_t times) const {
  if (cell_ == nullptr) return;
  std::size_t index = 0;
  while (index < bounds && span > bound(index))
    ++index;
  cell_->counts[index].fetch_add(times, std::memory_order_relaxed);
  const auto sum = static_cast<std::uint64_t>(std::max(span, Duration{0}).count()) * times;
  cell_->sum_us.fetch_add(sum, std::memory_order_relaxed);
}

template <class Kind>
Kind Each<Kind>::at(const std::vector<std::string>& label_values) const {
  return family_ == nullptr ? Kind{} : family_->template at<Kind>(label_values);
}

template class Each<Counter>;
template class Each<Gauge>;
template class Each<Histogram>;

Metrics::Metrics() = default;
Metrics::~Metrics() = default;

Family* Metrics::family(std::string_view name, std::string_view help, int type,
                        std::vector<std::string> labels) {
  const std::lock_guard lock(mutex_);
  for (const auto& known : families_) {
    if (known->name() != name) continue;
    INVARIANT(int(known->type()) == type);
    return known.get();
  }
  families_.push_back(std::make_unique<Family>(name, help, MetricType(type), std::move(labels)));
  return families_.back().get();
}

Each<Counter> Metrics::counters(std::string_view name, std::string_view help,
                                std::vector<std::string> labels) {
  return Each<Counter>(family(name, help, int(MetricType::Counter), std::move(labels)));
}

Each<Gauge> Metrics::gauges(std::string_view name, std::string_view help,
                            std::vector<std::string> labels) {
  return Each<Gauge>(family(name, help, int(MetricType::Gauge), std::move(labels)));
}

Each<Histogram> Metrics::histograms(std::string_view name, std::string_view help,
                                    std::vector<std::string> labels) {
  return Each<Histogram>(family(name, help, int(MetricType::Histogram), std::move(labels)));
}

Counter Metrics::counter(std::string_view name, std::string_view help) {
  return counters(name, help, {}).at({});
}

Gauge Metrics::gauge(std::string_view name, std::string_view help) {
  return gauges(name, help, {}).at({});
}

Histogram Metrics::histogram(std::string_view name, std::string_view help) {
  return histograms(name, help, {}).at({});
}

std::string Metrics::text() const {
  std::vector<prometheus::MetricFamily> collected;
  const std::lock_guard lock(mutex_);
  collected.reserve(families_.size());
  for (const auto& family : families_)
    collected.push_back(family->collect());
  const prometheus::TextSerializer serializer;
  return serializer.Serialize(collected);
}

}  // namespace cauce::metrics
