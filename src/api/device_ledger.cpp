#include "api/device.h"
#include "api/handlers.h"
#include "api/json.h"
#include "ledger/findings.h"
#include "ledger/ledger_reader.h"

namespace cauce::api {
namespace {

using ledger::Account;
using ledger::Bucket;
using ledger::Sheet;
using ledger::Tally;

double seconds_of(Duration span) {
  return double(span.count()) / 1e6;
}

Json seconds_or_null(const std::optional<Duration>& span) {
  return span ? Json(seconds_of(*span)) : Json();
}

// What cannot be known is null, not 0.
Json json_of(const Tally& tally, const Account& account) {
  const bool numbered = account.has_sequence();
  const auto known = [numbered](std::uint64_t count) { return numbered ? Json(count) : Json(); };
  return {{"messages", tally.messages},
          {"payload_bytes", tally.payload_bytes},
          {"readings", tally.readings},
          {"dead_letters", tally.dead_letters},
          {"duplicates", account.tells_duplicates() ? Json(tally.duplicates) : Json()},
          {"missing", known(tally.missing)},
          {"late", known(tally.late)},
          {"repeated", known(tally.repeated)},
          {"restarts", known(tally.restarts)},
          {"longest_silence_seconds", seconds_of(tally.silence_longest)},
          {"most_behind_seconds", seconds_or_null(tally.behind_most)},
          {"most_ahead_seconds", seconds_or_null(tally.ahead_most)}};
}

Json json_of(const std::vector<Bucket>& buckets, const Account& account) {
  Json list = Json::array();
  for (const Bucket& bucket : buckets) {
    Json item = json_of(bucket.tally, account);
    item.set("start", format_time(bucket.start));
    list.push_back(item);
  }
  return list;
}

Json silence_of(const Sheet& sheet) {
  if (sheet.account.total().messages == 0) return {};
  Tally month;
  for (const Bucket& bucket : sheet.days)
    add(month, bucket.tally);
  const bool had_one = month.silence_longest > Duration{0};
  return {{"now_seconds", seconds_of(sheet.quiet())},
          {"typical_seconds", seconds_or_null(sheet.account.intervals().median())},
          {"longest_seconds", had_one ? Json(seconds_of(month.silence_longest)) : Json()},
          {"longest_until", had_one ? Json(format_time(month.silence_until)) : Json()}};
}

Json clock_of(const Sheet& sheet) {
  const Account& account = sheet.account;
  if (!account.last_skew()) return {};
  Tally month;
  for (const Bucket& bucket : sheet.days)
    add(month, bucket.tally);
  return {{"last_seconds", seconds_of(*account.last_skew())},
          {"typical_seconds", seconds_or_null(account.skews().median())},
          {"most_behind_seconds", seconds_or_null(month.behind_most)},
          {"most_ahead_seconds", seconds_or_null(month.ahead_most)}};
}

Json sequence_of(const Account& account, const std::string& metric) {
  if (!account.has_sequence()) return {};
  const ledger::Counter& counter = account.counter();
  Json gaps = Json::array();
  for (const ledger::Gap& gap : counter.gaps()) {
    gaps.push_back({{"from", gap.from},
                    {"to", gap.to},
                    {"count", gap.count()},
                    {"noticed_at", format_time(gap.noticed_at)}});
  }
  Json restarts = Json::array();
  for (const ledger::Restart& restart : counter.restarts()) {
    restarts.push_back(
        {{"from", restart.from}, {"to", restart.to}, {"at", format_time(restart.at)}});
  }
  return {{"metric", metric},
          {"last", counter.last() ? Json(*counter.last()) : Json()},
          {"without_number", account.without_number()},
          {"unusable", account.unusable_numbers()},
          {"gaps", gaps},
          {"restarts", restarts}};
}

Json findings_json(const Sheet& sheet) {
  Json list = Json::array();
  for (const ledger::Finding& finding : ledger::findings_of(sheet)) {
    list.push_back({{"code", std::string(finding.code)},
                    {"text", {{"en", finding.text_en}, {"es", finding.text_es}}}});
  }
  return list;
}

Json time_or_null(Time time) {
  return time == time_min ? Json() : Json(format_time(time));
}

}  // namespace

Result<Answer> show_ledger(Call& call) {
  const auto device = device_of(call, call.parameters[0]);
  if (!device) return device.error();
  const auto sheet = call.house.ledger.read(call.company, (*device)->name);
  if (!sheet) return sheet.error();
  const Account& account = sheet->account;
  const business::DeviceType* type = call.house.registry.device_type(call.company, (*device)->type);
  return answer(200, {{"company", call.company},
                      {"device", (*device)->name},
                      {"counted_since", time_or_null(sheet->began_at)},
                      {"as_of", time_or_null(sheet->clock.started ? sheet->clock.now : time_min)},
                      {"first_seen", time_or_null(account.first_seen())},
                      {"last_seen", time_or_null(account.last_seen())},
                      {"newest_reading", json_of(account.newest_reading())},
                      {"findings", findings_json(*sheet)},
                      {"silence", silence_of(*sheet)},
                      {"clock", clock_of(*sheet)},
                      {"sequence", sequence_of(account, type == nullptr ? "" : type->sequence)},
                      {"total", json_of(account.total(), account)},
                      {"hours", json_of(sheet->hours, account)},
                      {"days", json_of(sheet->days, account)}});
}

}  // namespace cauce::api
