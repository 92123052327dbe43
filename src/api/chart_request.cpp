#include "api/chart_request.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "api/data_set_json.h"
#include "api/query.h"
#include "api/sensor_words.h"
#include "charts/options.h"
#include "crypto/crypto.h"

namespace cauce::api {
namespace {

constexpr std::size_t name_bytes = 16;  // of a SHA-256
// Of a series without `from` and `to`: the last day.
constexpr Duration span_default = std::chrono::hours{24};

// What a chart looks like, and not what its figures are. Every other option counts for both.
constexpr std::array<std::string_view, 15> looks{
    "title",     "source",  "theme", "locale", "trend",  "width",  "height",  "ratio",
    "highlight", "palette", "order", "x-unit", "y-unit", "footer", "annotate"};

bool is_look(std::string_view name) {
  return std::find(looks.begin(), looks.end(), name) != looks.end();
}

std::string short_name(const Bytes& bytes) {
  return to_hex(crypto::sha256(bytes).substr(0, name_bytes));
}

Result<void> set_options(ChartOrder& order, std::string_view kind, ChartOptions options) {
  const auto known = charts::parse_kind(kind);
  if (!known) return known.error();
  order.request.kind = *known;
  std::sort(options.begin(), options.end());
  for (const auto& [name, value] : options) {
    if (auto set = charts::set_option(order.request, name, value); !set) return set;
  }
  order.options = std::move(options);
  return {};
}

Result<VersionSource> version_source(const Call& call, const std::string& id,
                                     const std::string& version) {
  auto set = call.house.data.store().find(call.company, id, viewer_of(call));
  if (!set) return set.error();
  if (version.empty()) return VersionSource{*set, set->latest()};
  for (const datasets::Version& one : set->versions) {
    if (std::to_string(one.number) == version) return VersionSource{*set, one};
  }
  return Error{Outcome::not_found,
               fmt::format("The data set has no version \"{}\": the latest is {}.",
                           version.substr(0, 20), set->latest().number)};
}

Result<std::optional<Time>> moment(const std::string& text, const char* name) {
  if (text.empty()) return std::optional<Time>{};
  const auto time = parse_time(text);
  if (time) return std::optional<Time>{*time};
  return Error{Outcome::invalid,
               fmt::format("\"{}\" must be a time such as 2026-11-21T23:48:40Z.", name)};
}

struct AskedSpan {
  std::optional<Time> from;
  std::optional<Time> to;
};

Result<AskedSpan> asked_span(const ChartAsk& ask) {
  const auto from = moment(ask.from, "from");
  if (!from) return from.error();
  const auto to = moment(ask.to, "to");
  if (!to) return to.error();
  if (*from && *to && **from >= **to)
    return Error{Outcome::invalid, "\"from\" must be before \"to\"."};
  return AskedSpan{*from, *to};
}

// What the caller says stays.
void set_unless_given(ChartOrder& order, const std::string& name, const std::string& value) {
  for (const auto& [option, given] : order.options) {
    if (option == name) return;
  }
  if (auto set = charts::set_option(order.request, name, value); !set) return;
  order.options.emplace_back(name, value);
  std::sort(order.options.begin(), order.options.end());
}

// The columns of points and windows that are not in the unit of the series.
bool is_measured(const std::string& column) {
  return !column.empty() && column != "time" && column != "count";
}

// The unit of a series stands at the axes of numbers that are in it.
void set_unit(ChartOrder& order, const std::string& unit) {
  const charts::Request& request = order.request;
  const bool names_along_x =
      request.kind == charts::Kind::bar || request.kind == charts::Kind::heat;
  const bool counts =
      request.kind == charts::Kind::heat ||
      (request.kind == charts::Kind::bar && request.aggregate == charts::Aggregate::count);
  if (unit.empty()) return;
  if (!names_along_x && is_measured(request.x)) set_unless_given(order, "x-unit", unit);
  if (!counts && is_measured(request.y)) set_unless_given(order, "y-unit", unit);
}

// Puts the unit of the series to the axes, too.
Result<ChartSource> series_source(const Call& call, const ChartAsk& ask, ChartOrder& order) {
  const bool is_whole = ask.series.starts_with(call.company + "/");
  auto series =
      record::parse_series(is_whole ? ask.series : fmt::format("{}/{}", call.company, ask.series));
  const Error unknown{Outcome::not_found, "There is no such series: /api/v1/series lists them."};
  if (!series) return unknown;
  const auto summary = call.house.recent.summary(record::to_text(*series));
  if (!summary) return summary.error();
  if (!*summary) return unknown;
  set_unit(order, (*summary)->unit);
  const auto asked = asked_span(ask);
  if (!asked) return asked.error();
  const Time end = (*summary)->last.time + Duration{1};
  const Time to = asked->to ? *asked->to : end;
  if (ask.resolution.empty())
    return ChartSource{SeriesSource{*series, {asked->from.value_or(to - span_default), to}}};
  const auto size = parse_window_size(ask.resolution);
  if (!size) return size.error();
  const Time from = asked->from.value_or(to - size->chart_span);
  return ChartSource{windows_of(call, *series, *size, {from, to})};
}

Result<ChartSource> facts_source(const Call& call, const ChartAsk& ask) {
  const auto asked = asked_span(ask);
  if (!asked) return asked.error();
  return ChartSource{warehouse::FactsAsked{call.company, ask.facts, asked->from, asked->to}};
}

Result<ChartSource> source_of(const Call& call, const ChartAsk& ask, ChartOrder& order) {
  const int named = !ask.data_set.empty() + !ask.series.empty() + !ask.facts.empty();
  if (named != 1) {
    return Error{Outcome::invalid,
                 "Name what to draw: either a \"dataset\", a \"series\" or the metric of "
                 "\"facts\"."};
  }
  if (ask.series.empty() && !ask.resolution.empty())
    return Error{Outcome::invalid, "\"resolution\" is of a series."};
  if (!ask.series.empty()) return series_source(call, ask, order);
  if (!ask.facts.empty()) return facts_source(call, ask);
  if (!ask.from.empty() || !ask.to.empty()) {
    return Error{Outcome::invalid,
                 "\"from\" and \"to\" are of a series or of facts, not of a data set."};
  }
  auto version = version_source(call, ask.data_set, ask.version);
  if (!version) return version.error();
  return ChartSource{std::move(*version)};
}

// What stands in the footer as the source.
std::string source_name(const ChartAsk& ask, const ChartSource& source) {
  if (const auto* version = std::get_if<VersionSource>(&source)) return version->set.name;
  if (const auto* series = std::get_if<SeriesSource>(&source))
    return record::to_text(series->series);
  if (const auto* windows = std::get_if<WindowsAsked>(&source))
    return fmt::format("{}, {}", record::to_text(windows->series), windows->size.name);
  return ask.facts;
}

void put_options(Bytes& target, const ChartOptions& options, bool all) {
  for (const auto& [name, value] : options) {
    if (!all && is_look(name)) continue;
    put_sized(target, name);
    put_sized(target, value);
  }
}

// Letters and digits for what the figures follow from; versions are told by their bytes.
std::string figures_key(const ChartOrder& order, std::string_view kind) {
  const auto& [set, version] = std::get<VersionSource>(order.source);
  Bytes bytes;
  // The company too: nobody learns that another one has the same file.
  for (const std::string_view part : {std::string_view(order.company), std::string_view(set.id),
                                      std::string_view(version.sha256), kind}) {
    put_sized(bytes, part);
  }
  put_u8(bytes, order.side_by_side ? 1 : 0);
  put_options(bytes, order.options, false);
  return short_name(bytes);
}

// Of what sensors measured the columns say too little: "value".
std::string title_of(const ChartAsk& ask, const ChartSource& source) {
  if (const auto* series = std::get_if<SeriesSource>(&source))
    return fmt::format("{}, {}", series->series.metric, series->series.device);
  if (const auto* windows = std::get_if<WindowsAsked>(&source))
    return fmt::format("{}, {}, {}", windows->series.metric, windows->series.device,
                       windows->size.name);
  return ask.facts;
}

}  // namespace

Result<ChartOrder> order_of(const Call& call, const ChartAsk& ask) {
  ChartOrder order;
  order.company = call.company;
  order.side_by_side = ask.side_by_side;
  if (auto set = set_options(order, ask.kind, ask.options); !set) return set.error();
  auto source = source_of(call, ask, order);
  if (!source) return source.error();
  set_unless_given(order, "source", source_name(ask, *source));
  if (!std::holds_alternative<VersionSource>(*source)) {
    set_unless_given(order, "title", title_of(ask, *source));
    order.request.words = words_of_sensors(order.request.locale);
  }
  order.source = std::move(*source);
  if (std::holds_alternative<VersionSource>(order.source))
    order.figures_key = figures_key(order, ask.kind);
  return order;
}

Result<ChartOrder> order_of(const Call& call, const Pin& pin) {
  ChartOrder order;
  order.company = call.company;
  order.side_by_side = pin.side_by_side;
  order.pin = pin;
  order.figures_key = pin.figures_key;
  if (auto set = set_options(order, pin.kind, pin.options); !set) return set.error();
  if (pin.data_set.empty()) {
    order.request.words = words_of_sensors(order.request.locale);
    return order;
  }
  auto source = version_source(call, pin.data_set, std::to_string(pin.version));
  if (!source) return source.error();
  order.source = std::move(*source);
  return order;
}

std::string pin_id(const ChartOrder& order, std::string_view kind, BytesView figures) {
  Bytes bytes;
  put_sized(bytes, order.company);
  put_sized(bytes, kind);
  put_sized(bytes, order.figures_key);
  put_sized(bytes, figures);
  put_options(bytes, order.options, true);
  return short_name(bytes);
}

std::string picture_key(const ChartOrder& order, std::string_view kind, Picture picture) {
  Bytes bytes;
  put_sized(bytes, order.pin ? order.pin->id : order.figures_key);
  put_sized(bytes, order.company);
  put_sized(bytes, kind);
  put_sized(bytes, name_of(picture));
  put_sized(bytes, CAUCE_VERSION);
  put_options(bytes, order.options, true);
  return short_name(bytes);
}

}  // namespace cauce::api
