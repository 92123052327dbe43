#include "warehouse/query.h"

#include "warehouse/columns.h"
#include "warehouse/committed.h"

namespace cauce::warehouse {
namespace {

bool all_of_them(const objects::ManifestObject&) {
  return true;
}

}  // namespace

Result<std::unique_ptr<table::Engine>> open_query(objects::Objects& objects,
                                                  const QueryOptions& options) {
  auto engine = table::Engine::open(options.table);
  if (!engine) return engine;
  const auto lake = committed_files(objects, lake_prefix, all_of_them);
  if (!lake) return lake.error();
  const auto facts = committed_files(objects, facts_prefix, all_of_them);
  if (!facts) return facts.error();
  auto done = (*engine)->view_parquet("lake", *lake, lake_columns());
  if (done) done = make_fact_views(**engine, *facts);
  if (done) done = make_dimension_views(**engine, objects);
  if (done) done = (*engine)->lock_down();
  if (!done) return done.error();
  return engine;
}

}  // namespace cauce::warehouse
