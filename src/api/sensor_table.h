// What sensors measured, as tables for charts.
#pragma once

#include <memory>

#include "api/windows.h"
#include "columns/columns.h"
#include "recent/recent.h"
#include "record/reading.h"

namespace cauce::api {

// Points of a series with from <= time < to.
struct SeriesSource {
  record::Series series;
  Range range;
};

// The columns `time` and `value`; a value that is no number is missing. invalid: more than
// `points_max`.
Result<std::unique_ptr<columns::Table>> points_table(recent::Reader& recent,
                                                     const SeriesSource& source,
                                                     std::size_t points_max);

// The columns `time` (when the window starts; of days, their date), `mean`, `min`, `max`, `p50`,
// `p95`, `deviation`, `count`, `first` and `last`. invalid: more than `windows_max`.
Result<std::unique_ptr<columns::Table>> windows_table(recent::Reader& recent,
                                                      const WindowsAsked& asked,
                                                      std::size_t windows_max);

}  // namespace cauce::api
