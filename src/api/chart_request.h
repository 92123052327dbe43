// What a call asks to be drawn: its options checked, its source found, and the names under which
// figures and pictures of exactly this are kept.
#pragma once

#include <string>

#include "api/chart_desk.h"

namespace cauce::api {

struct ChartAsk {
  std::string kind;
  ChartOptions options;    // as given
  std::string data_set;    // its id …
  std::string version;     // … and the version, empty: the latest
  std::string series;      // … or DEVICE/METRIC, COMPANY/DEVICE/METRIC: its points …
  std::string resolution;  // … or its windows of this size
  std::string facts;       // … or a metric: the facts of all devices
  std::string from;        // of a series and of facts
  std::string to;
  bool side_by_side = false;
};

// Without `done`, `refused` and what is of the picture. invalid, not_found: a sentence about what
// is wrong with it.
Result<ChartOrder> order_of(const Call& call, const ChartAsk& ask);

// The same for a chart with an address.
Result<ChartOrder> order_of(const Call& call, const Pin& pin);

// The address of a chart: of all that it shows and how. `figures`: of what sensors measured, else
// empty.
std::string pin_id(const ChartOrder& order, std::string_view kind, BytesView figures);

// A name for one picture of it, to be kept and compared by: of this version of cauce.
std::string picture_key(const ChartOrder& order, std::string_view kind, Picture picture);

}  // namespace cauce::api
