#include "warehouse/committed.h"

#include <fmt/core.h>

#include <string>
#include <utility>

#include "warehouse/columns.h"
#include "warehouse/dimensions.h"

namespace cauce::warehouse {
namespace {

// A window can spill to disk, and filters on its PARTITION BY columns are pushed below it, so one
// series costs no more than its rows. Grouping with arg_max_null per column is three times faster
// on narrow queries, but a SELECT * of 3 million rows then needs more than 1 GiB and cannot spill.
constexpr std::string_view facts_view =
    "CREATE VIEW facts AS SELECT * FROM facts_raw QUALIFY row_number() OVER "
    "(PARTITION BY company, device, metric, time "
    "ORDER BY partition DESC, position DESC, value_index DESC, replay DESC) = 1";

}  // namespace

Result<std::vector<std::filesystem::path>> committed_files(objects::Objects& objects,
                                                           std::string_view prefix,
                                                           const Wanted& wanted) {
  objects::Manifest manifest(objects, std::string(prefix));
  auto read = manifest.refresh();
  if (!read) return read.error();
  std::vector<std::filesystem::path> files;
  for (const objects::ManifestObject& object : manifest.committed()) {
    if (!wanted(object)) continue;
    auto file = objects.local_copy(object.key);
    if (!file && file.error().outcome == Outcome::not_found) {
      return Error{Outcome::corrupt,
                   fmt::format("{} is committed, but missing; restore it from a copy", object.key)};
    }
    if (!file) return file.error();
    files.push_back(std::move(*file));
  }
  return files;
}

Result<void> make_fact_views(table::Engine& engine,
                             const std::vector<std::filesystem::path>& files) {
  auto done = engine.view_parquet("facts_raw", files, facts_columns());
  if (done) done = engine.execute(facts_view);
  return done;
}

Result<void> make_dimension_views(table::Engine& engine, objects::Objects& objects) {
  auto files = dimension_files(objects);
  if (!files) return files.error();
  for (const Dimension& dimension : dimensions()) {
    auto made = engine.view_parquet(dimension.table, (*files)[std::string(dimension.table)],
                                    dimension.columns);
    if (!made) return made;
  }
  return {};
}

}  // namespace cauce::warehouse
