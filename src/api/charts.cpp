// Charts of data sets and of what sensors measured: at once by their query, or with an address of
// their own that never shows anything else. How they are computed and drawn is chart_desk.h.
#include <fmt/core.h>

#include "api/body.h"
#include "api/chart_answer.h"
#include "api/chart_request.h"
#include "api/handlers.h"
#include "api/query.h"
#include "charts/options.h"

namespace cauce::api {
namespace {

constexpr std::size_t settings_max = 100;
constexpr std::string_view year_seconds = "31536000";

// What of the query is not an option of the chart.
bool is_option(std::string_view name) {
  for (const std::string_view other : {"company", "dataset", "version", "series", "resolution",
                                       "facts", "from", "to", "format", "until", "signature"}) {
    if (name == other) return false;
  }
  return true;
}

bool has_tag(const net::Request& request, const std::string& etag) {
  const auto header = request.headers.find("if-none-match");
  if (header == request.headers.end()) return false;
  return header->second == "*" || header->second.find(etag) != std::string::npos;
}

Answer picture_answer(Picture picture, const std::string& etag, std::string_view cache) {
  Answer told;
  told.content_type = std::string(content_type_of(picture));
  told.headers.emplace_back("ETag", etag);
  told.headers.emplace_back("Cache-Control", std::string(cache));
  // Opened by itself, a picture runs nothing and loads nothing.
  told.headers.emplace_back("Content-Security-Policy",
                            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
                            "font-src data:; sandbox");
  return told;
}

Result<Answer> draw(Call& call, ChartOrder order, std::string_view kind, Picture picture,
                    std::string_view cache) {
  const bool is_kept = order.pin || !order.figures_key.empty();
  if (is_kept) order.picture_key = picture_key(order, kind, picture);
  const std::string etag = fmt::format("\"{}\"", order.picture_key);
  Answer told = picture_answer(picture, etag, cache);
  if (!is_kept) std::erase_if(told.headers, [](const auto& one) { return one.first == "ETag"; });
  if (is_kept && has_tag(call.request, etag)) {
    told.status = 304;
    return told;
  }
  order.picture = picture;
  order.done = [finish = call.finish, told](const ChartOrder::Drawn& drawn) {
    Answer answer = told;
    answer.json = drawn.content;
    finish(std::move(answer));
  };
  order.refused = [finish = call.finish](Answer refusal) { finish(std::move(refusal)); };
  if (!call.house.charts.ask(std::move(order)))
    return Error{Outcome::exhausted, "as many charts wait as may"};
  return Answer::deferred();
}

// `ID.png`: a chart with an address.
Result<Answer> show_pinned(Call& call, std::string_view name) {
  const std::size_t dot = name.find('.');
  const auto picture = parse_picture(name.substr(dot + 1));
  const auto pin = call.house.charts.pins().find(call.company, name.substr(0, dot));
  if (!picture || !pin)
    return Error{Outcome::not_found,
                 "There is no such chart, or no longer: make it again with "
                 "POST /api/v1/charts."};
  for (const auto& [option, value] : call.request.query) {
    if (option == "company" || option == "until" || option == "signature") continue;
    return Error{Outcome::invalid,
                 fmt::format("A chart with an address takes no \"{}\".", option.substr(0, 64))};
  }
  auto order = order_of(call, *pin);
  if (!order) return order.error();
  return draw(call, std::move(*order), pin->kind, *picture,
              fmt::format("private, max-age={}, immutable", year_seconds));
}

}  // namespace

Result<Answer> show_chart(Call& call) {
  const std::string& name = call.parameters[0];
  if (name.find('.') != std::string::npos) return show_pinned(call, name);
  const auto kind = charts::parse_kind(name);
  if (!kind) return Error{Outcome::not_found, kind.error().message};
  ChartAsk ask;
  ask.kind = name;
  ask.data_set = parameter(call, "dataset");
  ask.version = parameter(call, "version");
  ask.series = parameter(call, "series");
  ask.resolution = parameter(call, "resolution");
  ask.facts = parameter(call, "facts");
  ask.from = parameter(call, "from");
  ask.to = parameter(call, "to");
  for (const auto& [option, value] : call.request.query) {
    if (is_option(option)) ask.options.emplace_back(option, value);
  }
  const std::string format = parameter(call, "format");
  const auto picture = format.empty() ? Picture::png : parse_picture(format);
  if (!picture)
    return Error{Outcome::invalid, "\"format\" must be png, svg, pdf, json or vega-lite."};
  auto order = order_of(call, ask);
  if (!order) return order.error();
  return draw(call, std::move(*order), name, *picture, "private, no-cache");
}

Result<Answer> create_chart(Call& call) {
  Body body(call.request.body);
  ChartAsk ask;
  ask.kind = body.text("kind");
  ask.data_set = body.text_or("dataset", "");
  const std::uint32_t version = body.count_or("version", 0);
  if (version != 0) ask.version = std::to_string(version);
  ask.series = body.text_or("series", "");
  ask.resolution = body.text_or("resolution", "");
  ask.facts = body.text_or("facts", "");
  ask.from = body.text_or("from", "");
  ask.to = body.text_or("to", "");
  ask.options = body.settings("options", settings_max);
  const std::uint32_t seconds = body.count_or(
      "link_seconds", std::uint32_t(call.options.link_span / std::chrono::seconds{1}));
  if (const auto fault = body.fault()) return *fault;
  const auto seconds_max = std::uint32_t(call.options.link_span_max / std::chrono::seconds{1});
  if (seconds < 1 || seconds > seconds_max)
    return Error{Outcome::invalid,
                 fmt::format("\"link_seconds\" must be from 1 to {}.", seconds_max)};
  return pin_chart(call, ask, std::chrono::seconds{seconds}, chart_answer);
}

}  // namespace cauce::api
