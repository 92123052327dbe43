#include "decode/formats/senml.h"

#include <fmt/core.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/names.h"
#include "decode/quote.h"

namespace cauce::decode {
namespace {

namespace dom = simdjson::dom;

// RFC 8428 section 4.5.3: what is smaller counts from "now".
constexpr double absolute_from = 268'435'456;  // 2^28 seconds
constexpr std::int64_t version_max = 10;
constexpr std::string_view sum_suffix = "/sum";

Error invalid(std::string message) {
  return {Outcome::invalid, std::move(message)};
}

// The fields of RFC 8428 table 1, in the order of `labels`.
enum Field : std::size_t { bn, bt, bu, bv, bs, bver, n, u, v, vs, vb, vd, s, t, ut, fields };
constexpr std::array<std::string_view, fields> labels{
    "bn", "bt", "bu", "bv", "bs", "bver", "n", "u", "v", "vs", "vb", "vd", "s", "t", "ut"};
constexpr std::array value_fields{v, vs, vb, vd};

bool is_text(Field field) {
  return field == bn || field == bu || field == n || field == u || field == vs || field == vd;
}

// One record as it stands there. Texts are views into the parser's memory.
struct Record {
  std::bitset<fields> has;
  std::array<std::string_view, fields> text;
  std::array<double, fields> number{};
  bool truth = false;

  bool has_value() const { return has[v] || has[vs] || has[vb] || has[vd]; }
  // Says something only about the records behind it.
  bool is_base_only() const {
    for (std::size_t field = n; field < fields; ++field) {
      if (has[field]) return false;
    }
    return true;
  }
};

// What base fields say until another record says otherwise.
struct Base {
  std::string_view name;
  std::string_view unit;
  double time = 0;
  std::optional<double> value;
  std::optional<double> sum;
};

bool is_name_character(char character) {
  return (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z') ||
         (character >= '0' && character <= '9') ||
         std::string_view("-:./_").find(character) != std::string_view::npos;
}

bool is_base64url(std::string_view text) {
  const bool alphabet = std::all_of(text.begin(), text.end(), [](char character) {
    return character != ':' && character != '.' && character != '/' && is_name_character(character);
  });
  return alphabet && text.size() % 4 != 1;
}

std::string_view words_for(simdjson::error_code code) {
  switch (code) {
    case simdjson::EMPTY: return "there is nothing in it";
    case simdjson::UTF8_ERROR: return "it is not UTF-8";
    case simdjson::UNESCAPED_CHARS: return "a control character stands inside a string";
    case simdjson::UNCLOSED_STRING: return "a string has no end";
    case simdjson::STRING_ERROR: return "a string has an escape that does not exist";
    case simdjson::NUMBER_ERROR: return "a number is malformed or more than a double holds";
    case simdjson::DEPTH_ERROR: return "values stand too deep inside one another";
    default: return "commas, colons, brackets or a literal are wrong";
  }
}

// One pass over one pack.
class Pack {
 public:
  Pack(const SenmlLimits& limits, std::string_view device, Time received_at)
      : limits_(limits), device_(device), received_at_(received_at) {}

  Result<std::vector<Measurement>> read(dom::element document);

 private:
  Result<Record> read_record(dom::object object) const;
  Result<void> read_field(Field field, dom::element value, Record& record) const;
  Result<void> check_version(const Record& record);
  void take_base(const Record& record);
  Result<void> resolve(const Record& record);
  Result<std::string> metric_of(const Record& record) const;
  Result<Time> time_of(const Record& record) const;
  Result<std::string> unit_of(const Record& record, const std::string& metric);
  Result<record::Value> value_of(const Record& record) const;
  Result<void> add_sum(const Record& record, const Measurement& measurement);
  Error refuse(std::string_view what) const {
    return invalid(fmt::format("record {}: {}", index_, what));
  }
  Error refuse(Field field, std::string_view what) const {
    return invalid(fmt::format("record {}, field \"{}\": {}", index_, labels[field], what));
  }

  const SenmlLimits& limits_;
  std::string_view device_;
  Time received_at_;
  std::size_t index_ = 0;  // of the record, counted from 1
  Base base_;
  std::optional<double> version_;                          // of the first record
  std::map<std::string, std::string, std::less<>> units_;  // by metric
  std::vector<Measurement> measurements_;
};

Result<std::vector<Measurement>> Pack::read(dom::element document) {
  dom::array records;
  if (document.get_array().get(records) || records.size() == 0) {
    return invalid(
        "a SenML pack is an array of at least one record; send [{\"n\": \"t\", \"v\": 21.5}]");
  }
  for (const dom::element element : records) {
    if (++index_ > limits_.records_max) {
      return invalid(
          fmt::format("more than {} records in one pack: send it in parts", limits_.records_max));
    }
    dom::object object;
    if (element.get_object().get(object)) return refuse("it is not an object");
    const auto record = read_record(object);
    if (!record) return record.error();
    if (auto known = check_version(*record); !known) return known.error();
    take_base(*record);
    if (record->is_base_only()) continue;
    if (auto resolved = resolve(*record); !resolved) return resolved.error();
  }
  return std::move(measurements_);
}

Result<Record> Pack::read_record(dom::object object) const {
  Record record;
  for (const auto [label, value] : object) {
    const auto found = std::find(labels.begin(), labels.end(), label);
    if (found == labels.end()) {
      // Section 4.4: what is not known is passed over, unless its name says that it matters.
      if (!label.ends_with('_')) continue;
      return refuse(
          fmt::format("the field {} has to be understood (it ends in \"_\") and is not "
                      "known here",
                      quote(label)));
    }
    const auto field = Field(found - labels.begin());
    if (record.has[field]) return refuse(field, "it stands there twice");
    record.has.set(field);
    if (auto read = read_field(field, value, record); !read) return read.error();
  }
  return record;
}

Result<void> Pack::read_field(Field field, dom::element value, Record& record) const {
  if (field == vb) {
    if (value.get_bool().get(record.truth)) return refuse(field, "it is not true or false");
  } else if (is_text(field)) {
    if (value.get_string().get(record.text[field])) return refuse(field, "it is not a text");
  } else if (value.get_double().get(record.number[field]) || !std::isfinite(record.number[field])) {
    return refuse(field, "it is not a number");
  }
  return {};
}

// Section 4.4: all records are of one version, and a later one than ours may mean anything.
Result<void> Pack::check_version(const Record& record) {
  if (!record.has[bver]) return {};
  const double version = record.number[bver];
  if (version != std::floor(version) || version < 1) {
    return refuse(bver, "a version is a positive whole number");
  }
  if (version > version_max) {
    return refuse(bver,
                  fmt::format("version {} is not known here; up to {} is", version, version_max));
  }
  if (version_ && *version_ != version) {
    return refuse(bver, fmt::format("version {} after version {}", version, *version_));
  }
  version_ = version;
  return {};
}

void Pack::take_base(const Record& record) {
  if (record.has[bn]) base_.name = record.text[bn];
  if (record.has[bu]) base_.unit = record.text[bu];
  if (record.has[bt]) base_.time = record.number[bt];
  if (record.has[bv]) base_.value = record.number[bv];
  if (record.has[bs]) base_.sum = record.number[bs];
}

Result<std::string> Pack::metric_of(const Record& record) const {
  std::string name(base_.name);
  name += record.text[n];
  if (name.empty()) return refuse("it has neither a name nor a base name before it");
  if (!std::all_of(name.begin(), name.end(), is_name_character)) {
    return refuse(
        fmt::format("the name {} holds something other than A-Z a-z 0-9 - : . / _", quote(name)));
  }
  std::string metric = metric_of_senml_name(name, device_);
  if (metric.size() > metric_bytes_max) {
    return refuse(fmt::format("the metric {} of the name has {} bytes, at most {} are allowed",
                              quote(metric), metric.size(), metric_bytes_max));
  }
  if (!is_metric(metric)) {
    return refuse(fmt::format("the metric {} of the name does not begin with a letter or a digit",
                              quote(metric)));
  }
  return metric;
}

Result<Time> Pack::time_of(const Record& record) const {
  const double seconds = base_.time + record.number[t];
  const double from = seconds < absolute_from ? double(to_microseconds(received_at_)) : 0;
  const double microseconds = std::round(seconds * 1e6) + from;
  // Compared as numbers: an integer might not hold what was sent.
  if (!(microseconds >= double(to_microseconds(time_min)) &&
        microseconds < double(to_microseconds(time_max)))) {
    return refuse(
        fmt::format("its time {} s is not one from 1970 to 2099; below 2^28 it counts "
                    "from now",
                    seconds));
  }
  return from_microseconds(std::int64_t(microseconds));
}

// One metric has one unit: position, speed and heading under one name would be mixed up.
Result<std::string> Pack::unit_of(const Record& record, const std::string& metric) {
  std::string unit(record.has[u] ? record.text[u] : base_.unit);
  if (unit.size() > limits_.unit_bytes_max) {
    return refuse(fmt::format("its unit has {} bytes, at most {} are allowed", unit.size(),
                              limits_.unit_bytes_max));
  }
  const auto [known, fresh] = units_.emplace(metric, unit);
  if (!fresh && known->second != unit) {
    return refuse(fmt::format("{} is in {} here and in {} before; give each its own name",
                              quote(metric), quote(unit), quote(known->second)));
  }
  return unit;
}

Result<record::Value> Pack::value_of(const Record& record) const {
  const auto count = std::count_if(value_fields.begin(), value_fields.end(),
                                   [&](Field field) { return record.has[field]; });
  if (count > 1) return refuse("it has more than one of \"v\", \"vs\", \"vb\" and \"vd\"");
  if (record.has[vb]) return record::Value(record.truth);
  for (const Field field : {vs, vd}) {
    if (!record.has[field]) continue;
    const std::string_view text = record.text[field];
    if (text.size() > limits_.text_bytes_max) {
      return refuse(field, fmt::format("it has {} bytes, at most {} are allowed", text.size(),
                                       limits_.text_bytes_max));
    }
    if (field == vd && !is_base64url(text)) {
      return refuse(field, "it is not URL-safe base64 without padding");
    }
    return record::Value(std::string(text));
  }
  const double number = base_.value.value_or(0) + record.number[v];
  if (!std::isfinite(number)) return refuse(v, "with its base it is more than a double holds");
  return record::Value(number);
}

// Section 4.5.4: the integral of the values over time, in the unit times seconds.
Result<void> Pack::add_sum(const Record& record, const Measurement& measurement) {
  const double sum = base_.sum.value_or(0) + record.number[s];
  if (!std::isfinite(sum)) return refuse(s, "with its base it is more than a double holds");
  std::string metric = measurement.metric + std::string(sum_suffix);
  if (metric.size() > metric_bytes_max) {
    return refuse(s, fmt::format("the metric {} of the sum has {} bytes, at most {} are allowed",
                                 quote(metric), metric.size(), metric_bytes_max));
  }
  std::string unit = measurement.unit;
  if (!unit.empty() && unit.size() + 2 <= limits_.unit_bytes_max) unit += ".s";
  measurements_.push_back({std::move(metric), measurement.time, sum, std::move(unit)});
  return {};
}

Result<void> Pack::resolve(const Record& record) {
  auto metric = metric_of(record);
  if (!metric) return metric.error();
  const auto time = time_of(record);
  if (!time) return time.error();
  auto unit = unit_of(record, *metric);
  if (!unit) return unit.error();
  const Measurement named{*std::move(metric), *time, 0.0, *std::move(unit)};
  const bool is_number = record.has[v] || (!record.has_value() && base_.value);
  if (record.has_value() || is_number) {
    auto value = value_of(record);
    if (!value) return value.error();
    measurements_.push_back({named.metric, named.time, *std::move(value), named.unit});
  } else if (!record.has[s]) {
    return refuse("it has no value: one of \"v\", \"vs\", \"vb\", \"vd\" or \"s\" is needed");
  }
  if (record.has[s] || (is_number && base_.sum)) return add_sum(record, named);
  return {};
}

}  // namespace

std::string metric_of_senml_name(std::string_view name, std::string_view device) {
  constexpr std::string_view urn = "urn:dev:";
  const auto without = [&](std::string_view text) -> std::optional<std::string_view> {
    if (device.empty() || !text.starts_with(device)) return std::nullopt;
    text.remove_prefix(device.size());
    if (text.size() < 2 || std::string_view(":/.").find(text[0]) == text.npos) return std::nullopt;
    return text.substr(1);
  };
  std::optional<std::string_view> rest = without(name);
  if (!rest && name.starts_with(urn)) {
    const std::size_t colon = name.find(':', urn.size());
    if (colon != std::string_view::npos) rest = without(name.substr(colon + 1));
  }
  std::string metric(rest.value_or(name));
  std::replace(metric.begin(), metric.end(), ':', '/');
  return metric;
}

struct SenmlParser::State {
  SenmlLimits limits;
  dom::parser parser;
};

SenmlParser::SenmlParser(SenmlLimits limits) : state_(std::make_unique<State>()) {
  state_->limits = limits;
}

SenmlParser::~SenmlParser() = default;

Result<std::vector<Measurement>> SenmlParser::parse(BytesView payload, std::string_view device,
                                                    Time received_at) {
  if (payload.size() > record::payload_bytes_max) {
    return invalid(fmt::format("the payload has {} bytes, at most {} are allowed", payload.size(),
                               record::payload_bytes_max));
  }
  dom::element document;
  const auto code = state_->parser.parse(payload.data(), payload.size()).get(document);
  if (code) return invalid(fmt::format("the payload is not JSON: {}", words_for(code)));
  return Pack(state_->limits, device, received_at).read(document);
}

}  // namespace cauce::decode
