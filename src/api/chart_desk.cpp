#include "api/chart_desk.h"

#include <fmt/core.h>

#include <array>

#include "api/fair_queue.h"
#include "api/faults.h"
#include "api/side_by_side.h"
#include "base/log.h"
#include "charts/figures_record.h"
#include "charts/options.h"
#include "charts/render.h"
#include "datasets/open_table.h"
#include "datasets/typed/typed.h"
#include "work/signal.h"

namespace cauce::api {
namespace {

struct PictureName {
  Picture picture;
  std::string_view name;
  std::string_view content_type;
};
constexpr std::array<PictureName, 5> picture_names{
    {{Picture::png, "png", "image/png"},
     {Picture::svg, "svg", "image/svg+xml; charset=utf-8"},
     {Picture::pdf, "pdf", "application/pdf"},
     {Picture::json, "json", "application/json"},
     {Picture::vega_lite, "vega-lite", "application/vnd.vegalite.v5+json"}}};

Result<Bytes> draw(const charts::Figures& figures, const charts::Request& request,
                   Picture picture) {
  switch (picture) {
    case Picture::png: return charts::render(figures, request, charts::Format::png);
    case Picture::svg: return charts::render(figures, request, charts::Format::svg);
    case Picture::pdf: return charts::render(figures, request, charts::Format::pdf);
    case Picture::json: return Bytes(charts::to_json(figures));
    case Picture::vega_lite: return charts::render(figures, request, charts::Format::vega_lite);
  }
  INVARIANT(false);
}

class LiveChartDesk final : public ChartDesk, private work::Worker {
 public:
  LiveChartDesk(objects::Objects& objects, DataDesk& data, recent::Reader& recent,
                const Clock& clock, ChartDeskOptions options)
      : objects_(objects),
        data_(data),
        recent_(recent),
        options_(options),
        kept_(objects, clock, options_.kept),
        pins_(objects, options_.pins_max),
        pictures_(options_.pictures_bytes_max),
        waiting_(options_.charts_waiting_max, options_.charts_of_one_max) {}

  Result<void> open() override {
    if (auto opened = kept_.open(); !opened) return opened;
    return pins_.open();
  }
  Pins& pins() override { return pins_; }
  bool ask(ChartOrder order) override {
    const std::string company = order.company;
    if (!waiting_.put(company, std::move(order))) return false;
    asked_.set();
    return true;
  }
  work::Worker& worker() override { return *this; }

 private:
  std::string_view name() const override { return "charts"; }
  void wait(Duration span_max) override { asked_.wait(span_max); }
  void wake() override { asked_.set(); }

  // What cannot be drawn is answered, not a reason to stop.
  Result<work::Progress> step() override {
    const auto order = waiting_.take();
    if (!order) return work::Progress::idle;
    if (auto refusal = serve(*order)) order->refused(std::move(*refusal));
    return work::Progress::worked;
  }

  std::optional<Answer> serve(const ChartOrder& order) {
    if (!order.picture_key.empty()) {
      if (const Bytes* known = pictures_.find(order.picture_key)) {
        order.done({*known, nullptr});
        return std::nullopt;
      }
    }
    std::optional<Answer> refusal;
    const auto figures = figures_of(order, refusal);
    if (!figures) return refusal;
    auto content = draw(*figures, order.request, order.picture);
    if (!content) return refused(content.error(), nullptr);
    if (!order.picture_key.empty()) pictures_.put(order.picture_key, *content, content->size());
    order.done({std::move(*content), &*figures});
    return std::nullopt;
  }

  std::optional<charts::Figures> figures_of(const ChartOrder& order,
                                            std::optional<Answer>& refusal) {
    if (!order.figures_key.empty()) {
      if (auto kept = kept_.find(order.figures_key)) return kept;
    }
    if (order.pin && order.pin->data_set.empty()) return figures_of_pin(*order.pin, refusal);
    std::unique_ptr<columns::Table> table = table_of(order, refusal);
    if (!table) return std::nullopt;
    auto figures = charts::compute_figures(*table, order.request, options_.figures);
    if (!figures && figures.error().outcome == Outcome::corrupt && is_of_version(order)) {
      log::warning(fmt::format("a chart is drawn from the uploaded file, which takes longer: {}",
                               figures.error().message));
      table = table_of_file(order, refusal);
      if (!table) return std::nullopt;
      figures = charts::compute_figures(*table, order.request, options_.figures);
    }
    if (!figures) {
      refusal = refused(figures.error(), dynamic_cast<const datasets::FileTable*>(table.get()));
      return std::nullopt;
    }
    if (!order.figures_key.empty()) kept_.keep(order.figures_key, *figures);
    return std::move(*figures);
  }

  std::optional<charts::Figures> figures_of_pin(const Pin& pin, std::optional<Answer>& refusal) {
    const auto bytes = pins_.figures(pin);
    auto figures =
        bytes ? charts::figures_from_bytes(*bytes) : Result<charts::Figures>(bytes.error());
    if (figures) return std::move(*figures);
    log::warning(fmt::format("chart {}: {}", pin.id, figures.error().message));
    refusal = Answer::refused(410,
                              "The numbers of this chart are of an older version or gone: "
                              "make it again with POST /api/v1/charts.");
    return std::nullopt;
  }

  static bool is_of_version(const ChartOrder& order) {
    return std::holds_alternative<VersionSource>(order.source);
  }

  // Without its typed columns, which are damaged.
  std::unique_ptr<columns::Table> table_of_file(const ChartOrder& order,
                                                std::optional<Answer>& refusal) {
    auto table = uploaded_table(order);
    if (table && order.side_by_side) return side_by_side(std::move(*table));
    if (table) return std::move(*table);
    refusal = refused(table.error(), nullptr);
    return nullptr;
  }

  std::unique_ptr<columns::Table> table_of(const ChartOrder& order,
                                           std::optional<Answer>& refusal) {
    auto table = is_of_version(order) ? table_of_version(order) : sensor_table(order);
    if (table && order.side_by_side) return side_by_side(std::move(*table));
    if (table) return std::move(*table);
    refusal = refused(table.error(), nullptr);
    return nullptr;
  }

  Result<std::unique_ptr<columns::Table>> sensor_table(const ChartOrder& order) {
    if (const auto* series = std::get_if<SeriesSource>(&order.source))
      return points_table(recent_, *series, options_.points_max);
    if (const auto* windows = std::get_if<WindowsAsked>(&order.source))
      return windows_table(recent_, *windows, options_.points_max);
    return warehouse::open_facts_table(objects_, std::get<warehouse::FactsAsked>(order.source),
                                       options_.facts);
  }

  // Its typed columns, or the file that was uploaded when it has none.
  Result<std::unique_ptr<columns::Table>> table_of_version(const ChartOrder& order) {
    const auto& [set, version] = std::get<VersionSource>(order.source);
    const auto columns = data_.store().columns(order.company, set, version);
    if (!columns) return uploaded_table(order);
    auto table = datasets::typed::open(*columns, [this, &order] { return uploaded_table(order); });
    if (table) return table;
    log::warning(
        fmt::format("the data set {} is read from the uploaded file, which takes longer: "
                    "{}",
                    set.id, table.error().message));
    return uploaded_table(order);
  }

  Result<std::unique_ptr<columns::Table>> uploaded_table(const ChartOrder& order) {
    const auto& [set, version] = std::get<VersionSource>(order.source);
    const auto file = data_.store().file(order.company, set, version);
    if (!file) return file.error();
    auto table = datasets::open_table(*file);
    if (!table) return table.error();
    return std::unique_ptr<columns::Table>{std::move(*table)};
  }

  static Answer refused(const Error& error, const datasets::FileTable* table) {
    switch (error.outcome) {
      case Outcome::invalid:
      case Outcome::not_found:
      case Outcome::unsupported:
        return answer_of_faults(error, table == nullptr ? nullptr : &table->report());
      default:
        log::warning(fmt::format("a chart could not be made: {}", error.message));
        return Answer::refused(500, "The chart could not be made. The log says why.");
    }
  }

  objects::Objects& objects_;
  DataDesk& data_;
  recent::Reader& recent_;
  const ChartDeskOptions options_;
  KeptFigures kept_;
  Pins pins_;
  RecentlyUsed<Bytes> pictures_;
  FairQueue<ChartOrder> waiting_;
  work::Signal asked_;
};

}  // namespace

std::string_view name_of(Picture picture) {
  return picture_names[std::size_t(picture)].name;
}

std::optional<Picture> parse_picture(std::string_view text) {
  for (const PictureName& known : picture_names) {
    if (known.name == text) return known.picture;
  }
  return std::nullopt;
}

std::string_view content_type_of(Picture picture) {
  return picture_names[std::size_t(picture)].content_type;
}

std::unique_ptr<ChartDesk> make_chart_desk(objects::Objects& objects, DataDesk& data,
                                           recent::Reader& recent, const Clock& clock,
                                           ChartDeskOptions options) {
  return std::make_unique<LiveChartDesk>(objects, data, recent, clock, options);
}

}  // namespace cauce::api
