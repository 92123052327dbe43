#include "warehouse/facts.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "record/fact.h"
#include "warehouse/columns.h"

namespace cauce::warehouse {
namespace {

// What it takes to choose among the facts of one series; the rest is decoded again when written.
struct Candidate {
  Time time;
  record::Origin origin;
  std::size_t record;  // index in the batch
};

using CompanyDay = std::pair<std::string, std::string>;
using DeviceMetric = std::pair<std::string, std::string>;
using SeriesOfDay = std::map<DeviceMetric, std::vector<Candidate>>;

// The records to write of one company and day, ordered by device, metric and time: neighbours
// compress well, and a query for one series can skip most row groups.
std::vector<std::size_t> choose(SeriesOfDay& group) {
  std::vector<std::size_t> records;
  for (auto& [series, candidates] : group) {
    std::sort(candidates.begin(), candidates.end(), [](const auto& left, const auto& right) {
      return std::pair(left.time, left.origin) < std::pair(right.time, right.origin);
    });
    for (std::size_t index = 0; index < candidates.size(); ++index) {
      const bool last_of_its_time =
          index + 1 == candidates.size() || candidates[index + 1].time != candidates[index].time;
      if (last_of_its_time) records.push_back(candidates[index].record);
    }
  }
  return records;
}

std::string_view text_of(record::Quality quality) {
  switch (quality) {
    case record::Quality::good: return "good";
    case record::Quality::uncertain: return "uncertain";
    case record::Quality::bad: return "bad";
  }
  return "bad";
}

// Exactly one of the columns value, text and boolean is set.
void append_value(table::Appender& row, const record::Value& value) {
  const auto* number = std::get_if<double>(&value);
  const auto* text = std::get_if<std::string>(&value);
  const auto* boolean = std::get_if<bool>(&value);
  number != nullptr ? row.real(*number) : row.null();
  text != nullptr ? row.text(*text) : row.null();
  boolean != nullptr ? row.boolean(*boolean) : row.null();
}

std::size_t append_fact(table::Appender& row, const record::Fact& fact) {
  row.text(fact.company);
  row.text(fact.site);
  row.text(fact.area);
  row.text(fact.device);
  row.text(fact.device_type);
  row.text(fact.metric);
  row.time(fact.time);
  row.time(fact.received_at);
  append_value(row, fact.value);
  row.text(fact.unit);
  row.text(text_of(fact.quality));
  row.integer(fact.origin.partition);
  row.integer(static_cast<std::int64_t>(fact.origin.position));
  row.integer(fact.origin.index);
  row.integer(fact.origin.replay);
  row.end_row();
  constexpr std::size_t fixed_bytes = 64;
  const auto* text = std::get_if<std::string>(&fact.value);
  return fixed_bytes + fact.company.size() + fact.site.size() + fact.area.size() +
         fact.device.size() + fact.device_type.size() + fact.metric.size() + fact.unit.size() +
         (text != nullptr ? text->size() : 0);
}

Result<record::Fact> fact_at(const stream::Batch& batch, std::size_t index) {
  auto fact = record::decode_fact(batch.records[index]);
  if (fact) return fact;
  // The stream's checksum was right, so this is not a damaged disk but a foreign writer.
  return Error{
      Outcome::corrupt,
      fmt::format("the record at {} of partition {} of facts is no fact: {}",
                  batch.from.number + index, batch.partition.number, fact.error().message)};
}

}  // namespace

Facts::Facts(objects::Objects& objects, const Clock& clock, FactsOptions options)
    : partition_(options.partition),
      company_days_max_(options.company_days_max),
      files_(objects, facts_prefix, facts_columns(), clock, std::move(options.files)) {}

Result<void> Facts::open() {
  return files_.open();
}

stream::Position Facts::resume_at() const {
  return files_.cursor(partition_);
}

Result<void> Facts::deliver(const stream::Batch& batch) {
  const stream::Position from = std::clamp(resume_at(), batch.from, batch.to);
  if (batch.is_lost()) {
    if (from == batch.to) return {};
    auto begun = files_.begin({batch.partition, from, batch.to});
    return begun ? files_.commit() : begun;
  }
  std::size_t index = from.number - batch.from.number;
  while (index < batch.records.size()) {
    const auto next = deliver_part(batch, index);
    if (!next) return next.error();
    index = *next;
  }
  return {};
}

Result<std::size_t> Facts::deliver_part(const stream::Batch& batch, std::size_t first) {
  std::map<CompanyDay, SeriesOfDay> groups;
  std::size_t end = first;
  for (; end < batch.records.size(); ++end) {
    auto fact = fact_at(batch, end);
    if (!fact) return fact.error();
    const CompanyDay company_day{fact->company, day_of(fact->time)};
    if (groups.size() == company_days_max_ && !groups.contains(company_day)) break;
    groups[company_day][{fact->device, fact->metric}].push_back({fact->time, fact->origin, end});
  }
  auto begun =
      files_.begin({batch.partition, {batch.from.number + first}, {batch.from.number + end}});
  if (!begun) return begun.error();
  for (auto& [company_day, group] : groups) {
    const std::vector<std::size_t> records = choose(group);
    group.clear();
    auto written =
        files_.write(company_day.first, company_day.second, records.size(),
                     [&](table::Appender& row, std::size_t index) -> Result<std::size_t> {
                       auto fact = fact_at(batch, records[index]);
                       if (!fact) return fact.error();
                       return append_fact(row, *fact);
                     });
    if (!written) return written.error();
  }
  if (auto committed = files_.commit(); !committed) return committed.error();
  return end;
}

}  // namespace cauce::warehouse
