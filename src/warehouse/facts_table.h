// Facts of one metric as a table for charts: of all devices of a company, out of the warehouse.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/time.h"
#include "columns/columns.h"
#include "objects/objects.h"
#include "table/table.h"

namespace cauce::warehouse {

struct FactsAsked {
  std::string company;
  std::string metric;
  // [from, to). Without `to`: the end of the last UTC day that holds a fact of the company; without
  // `from`: a day before `to`.
  std::optional<Time> from = {};
  std::optional<Time> to = {};
};

struct FactsTableOptions {
  // What does not fit spills into the temporary directory.
  table::Options table{.memory_bytes_max = 256u << 20, .threads = 1, .temporary_directory = {}};
  std::size_t facts_max = 5'000'000;
  // Put in order at once; more, and repeats count, are taken in pieces of time.
  std::size_t piece_facts_max = 500'000;
};

// One row for each (device, time), by time and device, in the columns
//
//   time         datetime
//   value        number; missing where the fact is a text or a truth value …
//   text         … which stands here: "open", "true"
//   device, site, area, device_type, unit, quality    text; missing where the fact has none
//
// Sees what was committed before the call; its scans all see the same. `not_found` when there is
// no such fact, `invalid` when there are more than `facts_max`, or more of one moment than fit into
// the memory.
Result<std::unique_ptr<columns::Table>> open_facts_table(objects::Objects& objects,
                                                         const FactsAsked& asked,
                                                         const FactsTableOptions& options);

}  // namespace cauce::warehouse
