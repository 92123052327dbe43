#include "alarms/history.h"

#include <algorithm>

#include "alarms/text.h"
#include "app/api_sources.h"

namespace cauce::app {
namespace {

api::Alarm shown(const alarms::Alarm& alarm) {
  api::Alarm result;
  result.id = alarm.id;
  result.company = alarm.company;
  result.rule = alarm.rule;
  result.kind = alarms::name_of(alarm.kind);
  result.severity = alarm.severity;
  result.device = alarm.device;
  result.metric = alarm.metric;
  result.direction = alarms::name_of(alarm.direction);
  result.limit = alarm.limit;
  result.span = alarm.span;
  result.feature = alarm.feature;
  result.score = alarm.score;
  result.stage = alarm.stage;
  result.detail = alarm.detail;
  result.raised_at = alarm.raised_at;
  result.cleared_at = alarm.cleared_at;
  if (alarm.cleared_at) result.clear_reason = alarms::name_of(alarm.clear_reason);
  result.since = alarm.raised_value_time;
  if (alarm.cleared_at) result.until = alarm.cleared_value_time;
  result.value = alarm.value;
  result.peak = alarm.peak;
  result.last = alarm.last;
  result.unit = alarm.unit;
  result.value_metric = alarm.value_metric;
  result.text_en = alarms::sentence_about(alarm, alarms::Language::english);
  result.text_es = alarms::sentence_about(alarm, alarms::Language::spanish);
  return result;
}

Result<std::vector<api::Alarm>> shown(const Result<std::vector<alarms::Alarm>>& found) {
  if (!found) return found.error();
  std::vector<api::Alarm> result;
  for (const alarms::Alarm& alarm : *found)
    result.push_back(shown(alarm));
  return result;
}

class AlarmHistory final : public api::AlarmHistory {
 public:
  explicit AlarmHistory(const Machine& machine) : history_(machine.engines.data() / "alarms.db") {}

  Result<std::vector<api::Alarm>> list(const api::AlarmQuery& query) override {
    alarms::History::Query asked;
    asked.company = query.company;
    asked.device = query.device;
    asked.select = query.open_only ? alarms::History::Select::open : alarms::History::Select::all;
    asked.after = query.after;
    asked.limit = query.alarms_max;
    return shown(history_.list(asked));
  }

  Result<std::optional<api::Alarm>> find(std::string_view company, std::uint64_t id) override {
    const Result<alarms::Alarm> alarm = history_.get(company, id);
    if (alarm) return std::optional{shown(*alarm)};
    if (alarm.error().outcome == Outcome::not_found) return std::optional<api::Alarm>{};
    return alarm.error();
  }

  Result<std::vector<api::Alarm>> overlapping(const api::AlarmStretch& stretch) override {
    Result<std::vector<api::Alarm>> found =
        shown(history_.overlapping(stretch.series, stretch.from, stretch.to, stretch.after));
    if (!found) return found;
    std::reverse(found->begin(), found->end());
    if (found->size() > stretch.alarms_max) found->resize(stretch.alarms_max);
    return found;
  }

 private:
  alarms::History history_;
};

}  // namespace

std::unique_ptr<api::AlarmHistory> make_alarm_history(const Machine& machine) {
  return std::make_unique<AlarmHistory>(machine);
}

}  // namespace cauce::app
