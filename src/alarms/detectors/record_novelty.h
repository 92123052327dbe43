// How unusual is this reading for its series? Strictly streaming: a reading is judged by those
// before it alone, and one set of numbers serves every series, whatever it measures.
//
// Four features of a series, all in its unit:
//   value      the reading x
//   level      mean of the last level_readings readings
//   season     x minus what is usual in its hour of the day (UTC)
//   departure  x minus the exponential mean of the readings before it
//
// Record novelty: a feature f has a range [low, high] so far. When it leaves it by d,
//   q = d / (high - low),  part = q / (q + half_overshoot) * n / (n + half_known_readings)
// where n counts the readings that made the range. 0 inside the range, near 1 when a constant
// changes, and little while n is small and records are common. The first warm_readings readings of
// a series score 0 altogether.
// Record filter: a part counts only when it exceeds all parts of its feature in the last
// filter_readings or so (twelve blocks of ten): the first reading of a disturbance speaks, those
// that merely continue it do not.
//   score = sum / (sum + half_sum),  sum = the four parts, weighted alike
// 0.5 is the limit with the best score on the Numenta Anomaly Benchmark (docs/performance/nab.md);
// alarms take a higher one (business.h).
//
// A range forgets: it covers the running epoch of epoch_readings and the one before, so a wild
// reading of the past blinds it for two epochs, not for ever, and memory is bounded.
//
// Where the numbers are from: 41 series of that benchmark, each number chosen on a plateau (a third
// more or less changes the score by less than two points); weights are equal because fitted ones
// did worse on series they had not seen.
//
// The same readings in the same order always give the same scores. No I/O, no clock; one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"

namespace cauce::alarms::detectors {

enum class Feature : std::uint8_t { value, level, season, departure };
constexpr std::size_t features_count = 4;

// "value", "level", "season", "departure".
std::string_view name_of(Feature feature);

// What one reading says. All but `judged` and `score` mean something only when it was judged.
struct Judgement {
  bool judged = false;  // false: not a number, too late, or the same reading once more
  double score = 0;     // from 0, nothing unusual, to 1

  // The largest part of the score: this feature went above or below all it had been by `beyond`.
  Feature feature = Feature::value;
  bool above = true;
  double bound = 0;   // the end of the range that was passed
  double beyond = 0;  // > 0 when score > 0
  // The range is of the readings since then, in the readings' own time.
  Time range_since;

  std::array<double, features_count> features{};  // those that are not defined yet are 0
  double value_low = 0;                           // of the readings before this one
  double value_high = 0;
};

class RecordNovelty {
 public:
  static constexpr std::size_t level_readings = 24;
  static constexpr double half_overshoot = 0.1;
  static constexpr double half_sum = 0.28;
  static constexpr std::uint32_t half_known_readings = 300;
  static constexpr std::uint32_t warm_readings = 150;
  static constexpr std::uint32_t epoch_readings = 5000;
  static constexpr std::size_t filter_blocks = 12;
  static constexpr std::size_t filter_block_readings = 10;
  static constexpr std::size_t hours = 24;
  static constexpr double season_gain = 0.1;
  // A larger number is not judged: the differences and sums here must stay finite.
  static constexpr double magnitude_max = 1e300;
  // A reading older than the newest one is late and says nothing. After so many in a row the clock
  // of the device was set back: judging goes on at its new time.
  static constexpr std::uint32_t late_readings_max = 500;

  // A reading dated like the newest one with the same value is the same reading; so is, by its
  // lateness, one that is repeated later. Gaps in time mean nothing.
  Judgement judge(Time time, double value);

  // When the readings judged began, within the two epochs that are remembered.
  std::uint64_t readings() const { return readings_; }

  // For the store. Written as docs/formats/events.md says.
  void encode(Bytes& target) const;
  // False when the bytes are none that encode() writes; the detector is then of no use.
  bool decode(ByteReader& source);

  bool operator==(const RecordNovelty&) const = default;

 private:
  struct Range {
    double low = 0;
    double high = 0;
    bool any = false;

    void include(double number);
    void include(const Range& other);
    bool operator==(const Range&) const = default;
  };
  struct History {
    Range epoch;
    Range before;                               // the epoch before
    std::uint32_t readings = 0;                 // that made these ranges and those forgotten
    std::array<float, filter_blocks> recent{};  // the highest part of each block

    bool operator==(const History&) const = default;
  };

  bool admit(Time time, double value);
  void measure(Time time, double value, std::array<double, features_count>& features,
               std::array<bool, features_count>& defined);
  static double part_of(const Range& range, double feature, double damping);
  static double filtered(const History& history, double part);
  void remember(const std::array<double, features_count>& parts);

  std::uint64_t readings_ = 0;
  Time newest_;
  double newest_value_ = 0;
  std::uint32_t late_ = 0;  // late readings in a row
  Time epoch_since_;
  Time before_since_;
  std::array<History, features_count> histories_{};
  std::array<double, level_readings> last_{};  // by readings_ modulo its size
  double exponential_mean_ = 0;
  std::array<double, hours> usual_{};
  std::array<std::uint8_t, hours> usual_readings_{};  // counted up to 255
};

// Memory of one series; with 200,000 series of a company, 200 MB at most.
constexpr std::size_t novelty_bytes_max = 1024;
static_assert(sizeof(RecordNovelty) <= novelty_bytes_max);

}  // namespace cauce::alarms::detectors
