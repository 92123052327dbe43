// What a process counts about itself, for Prometheus. A room asks for its counters once, keeps the
// handles and counts with them: one relaxed atomic addition, from any thread. A handle that was
// never asked for counts nothing, so that tests need no Metrics.
//
// Names begin with cauce_, say their unit last and, for a counter, end in _total;
// docs/operations/metrics.md lists them all. Label values come from fixed sets: never a device, a
// company or anything else that a client may choose.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace cauce::metrics {

class Family;

class Counter {
 public:
  Counter() = default;
  void add(std::uint64_t count = 1) const {
    if (cell_ != nullptr) cell_->fetch_add(count, std::memory_order_relaxed);
  }

 private:
  friend class Family;
  explicit Counter(std::atomic<std::uint64_t>* cell) : cell_(cell) {}
  std::atomic<std::uint64_t>* cell_ = nullptr;
};

class Gauge {
 public:
  Gauge() = default;
  void set(double value) const {
    if (cell_ != nullptr) cell_->store(value, std::memory_order_relaxed);
  }

 private:
  friend class Family;
  explicit Gauge(std::atomic<double>* cell) : cell_(cell) {}
  std::atomic<double>* cell_ = nullptr;
};

// Spans of time in buckets that double from 250 us to 8 s: from a sync of a fast disk to a client
// that has given up.
class Histogram {
 public:
  static constexpr std::size_t bounds = 16;
  static constexpr Duration bound(std::size_t index) { return Duration{250} * (1 << index); }

  Histogram() = default;
  // `times` equal observations at once.
  void observe(Duration span, std::uint64_t times = 1) const;

 private:
  friend class Family;
  struct Cell {
    std::array<std::atomic<std::uint64_t>, bounds + 1> counts{};  // the last: beyond every bound
    std::atomic<std::uint64_t> sum_us{0};
  };
  explicit Histogram(Cell* cell) : cell_(cell) {}
  Cell* cell_ = nullptr;
};

// The counters of one name that differ in their labels; made at the first use of at(). Any thread.
template <class Kind>
class Each {
 public:
  Each() = default;
  // As many values as the family has labels.
  Kind at(const std::vector<std::string>& label_values) const;

 private:
  friend class Metrics;
  explicit Each(Family* family) : family_(family) {}
  Family* family_ = nullptr;
};

extern template class Each<Counter>;
extern template class Each<Gauge>;
extern template class Each<Histogram>;

// All of one process. Outlives what counts with its handles.
class Metrics {
 public:
  // Of one family; more is a mistake in the program, for labels come from fixed sets.
  static constexpr std::size_t samples_max = 2000;

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The same name again gives the same family.
  Counter counter(std::string_view name, std::string_view help);
  Gauge gauge(std::string_view name, std::string_view help);
  Histogram histogram(std::string_view name, std::string_view help);
  Each<Counter> counters(std::string_view name, std::string_view help,
                         std::vector<std::string> labels);
  Each<Gauge> gauges(std::string_view name, std::string_view help, std::vector<std::string> labels);
  Each<Histogram> histograms(std::string_view name, std::string_view help,
                             std::vector<std::string> labels);

  // In the text format of Prometheus, version 0.0.4: every family, also one without samples.
  std::string text() const;

 private:
  Family* family(std::string_view name, std::string_view help, int type,
                 std::vector<std::string> labels);

  mutable std::mutex mutex_;  // guards families_
  std::deque<std::unique_ptr<Family>> families_;
};

}  // namespace cauce::metrics
