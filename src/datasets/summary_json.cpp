#include "datasets/summary.h"

#include <fmt/core.h>

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

namespace cauce::datasets {

namespace {

using columns::Type;
using Json = nlohmann::ordered_json;

// Whole numbers without a point, as they are mostly written.
Json json_of(double number) {
  constexpr double exact_whole_max = 9007199254740992;
  if (std::fabs(number) <= exact_whole_max && number == std::trunc(number)) {
    return std::int64_t(number);
  }
  return number;
}

// A statistic in the terms of its column.
Json json_of(const std::optional<double>& value, Type type) {
  if (!value) return nullptr;
  if (type == Type::date || type == Type::datetime) return time_text(*value, type);
  if (type == Type::boolean) return *value != 0;
  return json_of(*value);
}

Json json_of(const std::optional<std::string>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json json_of(const Quantiles& quantiles, Type type) {
  Json json;
  json["0.05"] = json_of(std::optional(quantiles.q05), type);
  json["0.25"] = json_of(std::optional(quantiles.q25), type);
  json["0.5"] = json_of(std::optional(quantiles.median), type);
  json["0.75"] = json_of(std::optional(quantiles.q75), type);
  json["0.95"] = json_of(std::optional(quantiles.q95), type);
  return json;
}

Json json_of(const ColumnSummary& column, std::uint64_t dashes) {
  const bool is_text = column.type == Type::text;
  const bool has_mean = column.type == Type::number || column.type == Type::boolean;
  Json json;
  json["name"] = column.name;
  json["type"] = name_of(column.type);
  json["missing"] = column.missing - dashes;
  if (dashes > 0) json["dashes"] = dashes;
  json["distinct"] = column.distinct;
  if (column.distinct_is_estimate) json["distinct_is_estimate"] = true;
  json["min"] = is_text ? json_of(column.min_text) : json_of(column.min, column.type);
  json["max"] = is_text ? json_of(column.max_text) : json_of(column.max, column.type);
  json["mean"] = has_mean && column.mean ? json_of(*column.mean) : Json(nullptr);
  json["std"] = has_mean && column.deviation ? json_of(*column.deviation) : Json(nullptr);
  if (column.quantiles && column.type != Type::boolean) {
    json["quantiles"] = json_of(*column.quantiles, column.type);
    if (column.quantiles_are_estimates) json["quantiles_are_estimates"] = true;
  }
  if (!column.top.empty()) {
    Json& top = json["top"] = Json::array();
    for (const TopValue& value : column.top) {
      top.push_back({{"value", value.value}, {"count", value.count}});
    }
  }
  return json;
}

Json json_of(const HeadCell& cell) {
  if (const auto* number = std::get_if<double>(&cell)) return json_of(*number);
  if (const auto* boolean = std::get_if<bool>(&cell)) return *boolean;
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  return nullptr;
}

Json json_of(const Fault& fault) {
  Json json;
  json["line"] = fault.line > 0 ? Json(fault.line) : Json(nullptr);
  json["column"] = fault.column.empty() ? Json(nullptr) : Json(fault.column);
  json["value"] = fault.column.empty() ? Json(nullptr) : Json(fault.value);
  return json;
}

// A text that was cut to its limit may end inside a character.
std::string printed(const Json& json) {
  return json.dump(1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string time_text(double microseconds, Type type) {
  const std::chrono::sys_time<std::chrono::microseconds> time{
      std::chrono::microseconds(std::int64_t(microseconds))};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  std::string text = fmt::format("{:04}-{:02}-{:02}", int(date.year()), unsigned(date.month()),
                                 unsigned(date.day()));
  const std::int64_t clock = (time - day).count();
  if (type == Type::date && clock == 0) return text;
  const std::int64_t second = clock / 1'000'000;
  text += fmt::format("T{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
  if (clock % 1'000'000 != 0) text += fmt::format(".{:06}", clock % 1'000'000);
  return text + "Z";
}

std::string to_json(const Summary& summary, const Report& report) {
  Json json;
  json["rows"] = summary.rows;
  json["columns"] = Json::array();
  for (std::size_t column = 0; column < summary.columns.size(); ++column) {
    const std::uint64_t dashes = column < report.dashes.size() ? report.dashes[column] : 0;
    json["columns"].push_back(json_of(summary.columns[column], dashes));
  }
  json["head"] = Json::array();
  for (const std::vector<HeadCell>& row : summary.head) {
    Json cells = Json::array();
    for (const HeadCell& cell : row)
      cells.push_back(json_of(cell));
    json["head"].push_back(std::move(cells));
  }
  json["format"] = report.format;
  if (!report.encoding.empty()) json["encoding"] = report.encoding;
  if (!report.delimiter.empty()) json["delimiter"] = report.delimiter;
  if (!report.decimal.empty()) json["decimal"] = report.decimal;
  json["notes"] = report.notes;
  return printed(json);
}

std::string to_json(const Error& error, const Report& report) {
  Json json = Json::object();
  if (report.faults.empty()) {
    json["line"] = nullptr;
    json["column"] = nullptr;
    json["value"] = nullptr;
  } else {
    json = json_of(report.faults[0]);
  }
  json["message"] = error.message;
  if (!report.faults.empty()) {
    json["count"] = report.fault_count;
    json["faults"] = Json::array();
    for (const Fault& fault : report.faults)
      json["faults"].push_back(json_of(fault));
  }
  return printed({{"error", std::move(json)}});
}

}  // namespace cauce::datasets
