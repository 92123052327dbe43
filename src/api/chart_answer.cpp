#include "api/chart_answer.h"

#include <fmt/core.h>

#include <array>

#include "api/links.h"
#include "base/log.h"
#include "charts/figures_record.h"
#include "charts/render.h"

namespace cauce::api {
namespace {

constexpr std::array<Picture, 5> pictures{Picture::png, Picture::svg, Picture::pdf, Picture::json,
                                          Picture::vega_lite};

std::string url_of(const Pin& pin, Picture picture) {
  return fmt::format("/api/v1/charts/{}.{}", pin.id, name_of(picture));
}

Pin pin_of(const ChartOrder& order, std::string_view kind, const Bytes& figures, Time now) {
  Pin pin;
  pin.id = pin_id(order, kind, figures);
  pin.company = order.company;
  pin.kind = std::string(kind);
  pin.options = order.options;
  pin.side_by_side = order.side_by_side;
  pin.created_at = now;
  pin.figures_key = order.figures_key;
  if (const auto* source = std::get_if<VersionSource>(&order.source)) {
    pin.data_set = source->set.id;
    pin.version = source->version.number;
  }
  return pin;
}

}  // namespace

Json urls_of(const Pin& pin) {
  Json urls = Json::object();
  for (const Picture picture : pictures) {
    urls.set(name_of(picture), url_of(pin, picture));
  }
  return urls;
}

std::string Pinned::linked(Picture picture) const {
  const std::string path = url_of(pin, picture);
  return fmt::format("{}?{}", path,
                     link_query(link_key, path, pin.company, pin.created_at, link_until));
}

Answer chart_answer(const Pinned& pinned) {
  Json links = Json::object();
  for (const Picture picture : pictures) {
    links.set(name_of(picture), pinned.linked(picture));
  }
  const Pin& pin = pinned.pin;
  return answer(201, {{"id", pin.id},
                      {"kind", pin.kind},
                      {"dataset", pin.data_set.empty() ? Json() : Json(pin.data_set)},
                      {"version", pin.data_set.empty() ? Json() : Json(pin.version)},
                      {"rows", pinned.figures.rows},
                      {"drawn", pinned.figures.drawn},
                      {"missing", pinned.figures.missing},
                      {"excluded", pinned.figures.excluded},
                      {"characters_without_font", pinned.characters_without_font},
                      {"alternative_text", pin.alternative_text},
                      {"urls", urls_of(pin)},
                      {"links", links},
                      {"links_until", format_time(pinned.link_until)}});
}

Result<Answer> pin_chart(Call& call, const ChartAsk& ask, Duration link_span,
                         std::function<Answer(const Pinned&)> answer_of) {
  auto made = order_of(call, ask);
  if (!made) return made.error();
  ChartOrder order = std::move(*made);
  order.picture = Picture::json;
  const Time now = call.house.clock.now();
  const ChartOrder asked = order;
  order.done = [asked, kind = ask.kind, now, until = now + link_span, key = call.options.link_key,
                &pins = call.house.charts.pins(), finish = call.finish,
                answer_of = std::move(answer_of)](const ChartOrder::Drawn& drawn) {
    const auto without_font = charts::characters_without_font(*drawn.figures, asked.request);
    // What cannot be drawn needs no address.
    if (!without_font) return finish(without_font.error());
    const bool goes_on = !std::holds_alternative<VersionSource>(asked.source);
    const Bytes figures = goes_on ? charts::to_bytes(*drawn.figures) : Bytes{};
    Pinned pinned{pin_of(asked, kind, figures, now), *drawn.figures, *without_font, until, key};
    pinned.pin.alternative_text = charts::alternative_text(*drawn.figures, asked.request);
    auto kept = pins.keep(pinned.pin, figures);
    if (!kept) return finish(kept.error());
    pinned.pin = std::move(*kept);
    finish(answer_of(pinned));
  };
  order.refused = [finish = call.finish](Answer refusal) { finish(std::move(refusal)); };
  if (!call.house.charts.ask(std::move(order)))
    return Error{Outcome::exhausted, "as many charts wait as may"};
  return Answer::deferred();
}

}  // namespace cauce::api
