// SQL by people over everything that was committed to the lake and the warehouse.
//
// Views:
//   lake       every message, one row for each position of `raw`
//   facts_raw  every fact that was written, also those that a later origin replaces
//   facts      one row for each (company, device, metric, time): the one of the largest origin
//   companies, sites, device_types, devices   business data as of the last snapshot (dimensions.h)
#pragma once

#include <memory>

#include "objects/objects.h"
#include "table/table.h"

namespace cauce::warehouse {

// Rows that `cauce query` answers unless it is told otherwise.
constexpr std::size_t rows_max_default = 10'000;

struct QueryOptions {
  table::Options table{.memory_bytes_max = 1u << 30, .threads = 2, .temporary_directory = {}};
};

// Sees what was committed before the call, and only reads. `corrupt` when a manifest is damaged or
// a committed object is missing, naming it. The engine is locked down (table.h).
Result<std::unique_ptr<table::Engine>> open_query(objects::Objects& objects,
                                                  const QueryOptions& options);

}  // namespace cauce::warehouse
