#include "alarms/detectors/record_novelty.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace cauce::alarms::detectors {
namespace {

constexpr double exponential_gain = 2.0 / (RecordNovelty::level_readings + 1);

std::size_t hour_of(Time time) {
  constexpr std::int64_t hour_us = 3'600'000'000;
  const std::int64_t hours_of_day = std::int64_t(RecordNovelty::hours);
  const std::int64_t hour = to_microseconds(time) / hour_us % hours_of_day;
  return std::size_t(hour < 0 ? hour + hours_of_day : hour);
}

void put_f32(Bytes& target, float value) {
  put_u32(target, std::bit_cast<std::uint32_t>(value));
}

float take_f32(ByteReader& source) {
  return std::bit_cast<float>(source.u32());
}

}  // namespace

std::string_view name_of(Feature feature) {
  switch (feature) {
    case Feature::value: return "value";
    case Feature::level: return "level";
    case Feature::season: return "season";
    case Feature::departure: return "departure";
  }
  return "unknown";
}

void RecordNovelty::Range::include(double number) {
  low = any ? std::min(low, number) : number;
  high = any ? std::max(high, number) : number;
  any = true;
}

void RecordNovelty::Range::include(const Range& other) {
  if (!other.any) return;
  include(other.low);
  include(other.high);
}

// Whether the reading is to be judged; moves the idea of the newest one.
bool RecordNovelty::admit(Time time, double value) {
  if (!(std::fabs(value) <= magnitude_max)) return false;
  if (readings_ > 0 && time < newest_ && ++late_ <= late_readings_max) return false;
  if (readings_ > 0 && time == newest_ && value == newest_value_) return false;
  newest_ = time;
  newest_value_ = value;
  late_ = 0;
  return true;
}

void RecordNovelty::measure(Time time, double value, std::array<double, features_count>& features,
                            std::array<bool, features_count>& defined) {
  const bool has_level = readings_ + 1 >= level_readings;
  last_[readings_ % level_readings] = value;
  double sum = 0;
  for (const double reading : last_)
    sum += reading;

  const std::size_t hour = hour_of(time);
  const double residual = value - usual_[hour];
  const bool has_usual = usual_readings_[hour] > 0;
  usual_[hour] += std::max(1.0 / (usual_readings_[hour] + 1), season_gain) * residual;
  if (usual_readings_[hour] < UINT8_MAX) ++usual_readings_[hour];

  if (readings_ == 0) exponential_mean_ = value;
  const double departure = value - exponential_mean_;
  exponential_mean_ += exponential_gain * departure;

  features = {value, has_level ? sum / double(level_readings) : 0, has_usual ? residual : 0,
              has_level ? departure : 0};
  defined = {true, has_level, has_usual, has_level};
}

double RecordNovelty::part_of(const Range& range, double feature, double damping) {
  if (!range.any || (feature >= range.low && feature <= range.high)) return 0;
  const double distance = feature > range.high ? feature - range.high : range.low - feature;
  const double width = range.high - range.low;
  // q / (q + half) with both sides times the width, so that a width of 0 divides nothing by it.
  return distance / (distance + half_overshoot * width) * damping;
}

double RecordNovelty::filtered(const History& history, double part) {
  const float highest = *std::max_element(history.recent.begin(), history.recent.end());
  return float(part) > highest ? part : 0;
}

void RecordNovelty::remember(const std::array<double, features_count>& parts) {
  const std::size_t place = readings_ / filter_block_readings % filter_blocks;
  const bool begins_block = readings_ % filter_block_readings == 0;
  for (std::size_t index = 0; index < features_count; ++index) {
    float& block = histories_[index].recent[place];
    block = begins_block ? float(parts[index]) : std::max(block, float(parts[index]));
  }
}

Judgement RecordNovelty::judge(Time time, double value) {
  Judgement judgement;
  if (!admit(time, value)) return judgement;
  if (readings_ == 0) epoch_since_ = before_since_ = time;
  if (readings_ > 0 && readings_ % epoch_readings == 0) {
    before_since_ = epoch_since_;
    epoch_since_ = time;
    for (History& history : histories_) {
      history.before = history.epoch;
      history.epoch = Range{};
    }
  }
  std::array<bool, features_count> defined{};
  measure(time, value, judgement.features, defined);

  std::array<double, features_count> parts{};
  double sum = 0;
  double largest = 0;
  for (std::size_t index = 0; index < features_count; ++index) {
    History& history = histories_[index];
    if (!defined[index]) continue;
    Range range = history.before;
    range.include(history.epoch);
    const double feature = judgement.features[index];
    const double damping =
        double(history.readings) / (double(history.readings) + half_known_readings);
    parts[index] = part_of(range, feature, damping);
    const double counted = filtered(history, parts[index]);
    sum += counted;
    if (counted > largest) {
      largest = counted;
      judgement.feature = Feature(index);
      judgement.above = feature > range.high;
      judgement.bound = judgement.above ? range.high : range.low;
      judgement.beyond = std::fabs(feature - judgement.bound);
    }
    if (Feature(index) == Feature::value) {
      judgement.value_low = range.any ? range.low : value;
      judgement.value_high = range.any ? range.high : value;
    }
    history.epoch.include(feature);
    if (history.readings < UINT32_MAX) ++history.readings;
  }
  remember(parts);
  const bool is_warm = readings_ >= warm_readings;
  ++readings_;
  judgement.judged = true;
  judgement.range_since = before_since_;
  judgement.score = is_warm ? sum / (sum + half_sum) : 0;
  return judgement;
}

void RecordNovelty::encode(Bytes& target) const {
  put_u64(target, readings_);
  put_i64(target, to_microseconds(newest_));
  put_f64(target, newest_value_);
  put_u32(target, late_);
  put_i64(target, to_microseconds(epoch_since_));
  put_i64(target, to_microseconds(before_since_));
  for (const History& history : histories_) {
    for (const Range* range : {&history.epoch, &history.before}) {
      put_u8(target, range->any ? 1 : 0);
      if (!range->any) continue;
      put_f64(target, range->low);
      put_f64(target, range->high);
    }
    put_u32(target, history.readings);
    for (const float part : history.recent)
      put_f32(target, part);
  }
  for (const double reading : last_)
    put_f64(target, reading);
  put_f64(target, exponential_mean_);
  for (std::size_t hour = 0; hour < hours; ++hour) {
    put_u8(target, usual_readings_[hour]);
    if (usual_readings_[hour] > 0) put_f64(target, usual_[hour]);
  }
}

bool RecordNovelty::decode(ByteReader& source) {
  readings_ = source.u64();
  newest_ = from_microseconds(source.i64());
  newest_value_ = source.f64();
  late_ = source.u32();
  epoch_since_ = from_microseconds(source.i64());
  before_since_ = from_microseconds(source.i64());
  for (History& history : histories_) {
    for (Range* range : {&history.epoch, &history.before}) {
      *range = Range{};
      if (source.u8() == 0) continue;
      range->any = true;
      range->low = source.f64();
      range->high = source.f64();
    }
    history.readings = source.u32();
    for (float& part : history.recent)
      part = take_f32(source);
  }
  for (double& reading : last_)
    reading = source.f64();
  exponential_mean_ = source.f64();
  for (std::size_t hour = 0; hour < hours; ++hour) {
    usual_readings_[hour] = source.u8();
    usual_[hour] = usual_readings_[hour] > 0 ? source.f64() : 0;
  }
  return !source.failed();
}

}  // namespace cauce::alarms::detectors
