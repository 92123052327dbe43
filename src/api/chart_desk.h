// Charts for the REST interface: figures are computed and drawn on a thread of its own, one after
// the other, companies in turn, so that a slow one holds up no other call and nobody else for long.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "api/call.h"
#include "api/data_desk.h"
#include "api/kept_figures.h"
#include "api/pins.h"
#include "api/sensor_table.h"
#include "api/windows.h"
#include "base/clock.h"
#include "charts/figures.h"
#include "charts/request.h"
#include "objects/objects.h"
#include "recent/recent.h"
#include "warehouse/facts_table.h"
#include "work/worker.h"

namespace cauce::api {

enum class Picture { png, svg, pdf, json, vega_lite };

std::string_view name_of(Picture picture);  // as in a URL
std::optional<Picture> parse_picture(std::string_view text);
std::string_view content_type_of(Picture picture);

struct ChartDeskOptions {
  std::size_t charts_waiting_max = 512;
  std::size_t charts_of_one_max = 256;  // of one company
  std::size_t points_max = 1'000'000;   // or windows, of a series in one chart
  warehouse::FactsTableOptions facts;
  std::size_t pictures_bytes_max = 32 << 20;  // those used last are answered from memory
  std::size_t pins_max = 10'000;              // of a company
  KeptFiguresLimits kept;
  charts::FiguresLimits figures;
};

// One version of a data set.
struct VersionSource {
  datasets::DataSet set;
  datasets::Version version;
};

// What a chart is made of: a file that was uploaded, or what sensors measured.
using ChartSource = std::variant<VersionSource, SeriesSource, WindowsAsked, warehouse::FactsAsked>;

struct ChartOrder {
  std::string company;
  ChartSource source;
  charts::Request request;
  ChartOptions options;  // that `request` was made of
  // All numeric columns side by side: the table becomes `column` and `value`, as a box chart of a
  // whole table wants it.
  bool side_by_side = false;
  std::string figures_key;  // empty: figures are not kept
  Picture picture = Picture::png;
  std::string picture_key = {};  // of the picture in memory; empty: it is not kept
  std::optional<Pin> pin = {};   // the chart has this address: figures may lie there

  // What was asked for. `figures` holds during the call only.
  struct Drawn {
    Bytes content;
    const charts::Figures* figures = nullptr;  // nullptr: the picture was in memory
  };
  std::function<void(const Drawn&)> done;  // both on the desk's thread
  std::function<void(Answer)> refused;
};

class ChartDesk {
 public:
  virtual ~ChartDesk() = default;

  // Once, before the rest.
  virtual Result<void> open() = 0;
  virtual Pins& pins() = 0;
  // Any thread. False, and nothing will be called, when as many wait as may.
  virtual bool ask(ChartOrder order) = 0;
  virtual work::Worker& worker() = 0;
};

// All outlive the desk. Destroyed after its worker has stopped; what waits then is not answered.
std::unique_ptr<ChartDesk> make_chart_desk(objects::Objects& objects, DataDesk& data,
                                           recent::Reader& recent, const Clock& clock,
                                           ChartDeskOptions options);

}  // namespace cauce::api
