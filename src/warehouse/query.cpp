#include "warehouse/query.h"

#include <fmt/format.h>

#include <vector>

#include "objects/manifest.h"
#include "warehouse/columns.h"

namespace cauce::warehouse {
namespace {

// A window can spill to disk, and filters on its PARTITION BY columns are pushed below it, so one
// series costs no more than its rows. Grouping with arg_max_null per column is three times faster
// on narrow queries, but a SELECT * of 3 million rows then needs more than 1 GiB and cannot spill.
constexpr std::string_view facts_view =
    "CREATE VIEW facts AS SELECT * FROM facts_raw QUALIFY row_number() OVER "
    "(PARTITION BY company, device, metric, time "
    "ORDER BY partition DESC, position DESC, value_index DESC, replay DESC) = 1";

Result<std::vector<std::filesystem::path>> committed_files(objects::Objects& objects,
                                                           std::string_view prefix) {
  objects::Manifest manifest(objects, std::string(prefix));
  auto read = manifest.refresh();
  if (!read) return read.error();
  std::vector<std::filesystem::path> files;
  for (const objects::ManifestObject& object : manifest.committed()) {
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

Result<void> make_view(table::Engine& engine, std::string_view view, objects::Objects& objects,
                       std::string_view prefix, const std::vector<table::Column>& columns) {
  auto files = committed_files(objects, prefix);
  if (!files) return files.error();
  return engine.view_parquet(view, *files, columns);
}

}  // namespace

Result<std::unique_ptr<table::Engine>> open_query(objects::Objects& objects, QueryOptions options) {
  auto engine = table::Engine::open(options.table);
  if (!engine) return engine;
  auto done = make_view(**engine, "lake", objects, lake_prefix, lake_columns());
  if (done) done = make_view(**engine, "facts_raw", objects, facts_prefix, facts_columns());
  if (done) done = (*engine)->execute(facts_view);
  if (done) done = (*engine)->lock_down();
  if (!done) return done.error();
  return engine;
}

}  // namespace cauce::warehouse
