// Prepared reports: computed by DuckDB over the facts and the dimensions that are committed. Local
// days are cut by base/time_zone.h and given to DuckDB as moments in UTC.
//
// daily-site-summary: one row for each site, local day, metric and unit, over the numeric values
// of the site's devices:
//
//   company, site, day, time_zone, metric, unit
//   devices          how many different ones reported
//   facts            how many numbers
//   min, mean, p50, p95, max    p50 and p95 are exact: the number of the nearest rank
//   hours            of the day, counted from its beginning, that hold a number
//
// A fact belongs to the site that it carries; facts without a site are reported under the site ""
// in UTC.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/time_zone.h"
#include "objects/objects.h"
#include "table/table.h"

namespace cauce::warehouse {

struct DailySiteSummary {
  std::string company = {};              // empty: all
  std::optional<std::string> site = {};  // of that name; without one, all
  // Local days, both inclusive. Without `to`: today at each site; without `from`: the six days
  // before `to` and `to`.
  std::optional<Date> from = {};
  std::optional<Date> to = {};
};

struct ReportOptions {
  table::Options table{.memory_bytes_max = 512u << 20, .threads = 1, .temporary_directory = {}};
  std::size_t days_max = 4000;  // ten years and some
  std::size_t site_days_max = 200'000;
  std::size_t rows_max = 100'000;
};

// By company, site, day, metric and unit. Sees what was committed before the call. `invalid` when
// it is for more than the options allow, `not_found` for a site that the dimensions do not have.
Result<table::Answer> daily_site_summary(objects::Objects& objects, const DailySiteSummary& asked,
                                         Time now, const ReportOptions& options);

}  // namespace cauce::warehouse
