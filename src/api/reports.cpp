#include <fmt/core.h>

#include <optional>
#include <string>

#include "api/handlers.h"
#include "api/query.h"
#include "api/report_desk.h"

namespace cauce::api {
namespace {

Result<std::optional<Date>> date_of(const Call& call, std::string_view name) {
  const std::string text = parameter(call, name);
  if (text.empty()) return std::optional<Date>{};
  const auto date = parse_date(text);
  if (!date)
    return Error{Outcome::invalid, fmt::format("\"{}\" must be a day such as 2026-11-21.", name)};
  return std::optional{*date};
}

Result<warehouse::AnswerFormat> format_of(const Call& call) {
  const std::string named = parameter(call, "format");
  if (named == "csv") return warehouse::AnswerFormat::csv;
  if (named == "json") return warehouse::AnswerFormat::json;
  if (!named.empty()) return Error{Outcome::invalid, R"("format" must be "json" or "csv".)"};
  const auto accept = call.request.headers.find("accept");
  const bool csv =
      accept != call.request.headers.end() && accept->second.find("text/csv") != std::string::npos;
  return csv ? warehouse::AnswerFormat::csv : warehouse::AnswerFormat::json;
}

}  // namespace

Result<Answer> show_daily_site_summary(Call& call) {
  ReportRequest request;
  request.asked.company = call.company;
  if (const std::string site = parameter(call, "site"); !site.empty()) {
    if (call.house.registry.site(call.company, site) == nullptr)
      return Error{Outcome::not_found, "There is no such site."};
    request.asked.site = site;
  }
  const auto from = date_of(call, "from");
  if (!from) return from.error();
  const auto to = date_of(call, "to");
  if (!to) return to.error();
  const auto format = format_of(call);
  if (!format) return format.error();
  request.asked.from = *from;
  request.asked.to = *to;
  request.format = *format;
  request.finish = call.finish;
  if (!call.house.reports.ask(std::move(request)))
    return Error{Outcome::exhausted, "as many reports wait as may"};
  return Answer::deferred();
}

}  // namespace cauce::api
