// The dimensions of the facts: companies, sites, device types and devices as they are now, as
// Parquet beside the facts, without tokens, keys or their hashes. A snapshot is one object for each
// table and one manifest entry for all of them, so a reader sees the four tables of one moment.
// docs/formats/lake.md says which columns they have.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "business/business.h"
#include "objects/manifest.h"
#include "table/table.h"
#include "work/worker.h"

namespace cauce::warehouse {

struct Dimension {
  std::string_view table;  // "sites"
  const std::vector<table::Column>& columns;
};
const std::vector<Dimension>& dimensions();

// Of the last snapshot, by table; empty before the first one. `corrupt` when the manifest is
// damaged or an object of that snapshot is missing.
Result<std::map<std::string, std::vector<std::filesystem::path>>> dimension_files(
    objects::Objects& objects);

struct DimensionsOptions {
  std::filesystem::path scratch_directory;  // of this writer alone
  // Changes gather for so long after a snapshot: making a thousand devices makes few of them.
  Duration interval_min = std::chrono::seconds{5};
  table::Options table{.memory_bytes_max = 64u << 20, .threads = 1, .temporary_directory = {}};
};

// The writer, one in an installation. Follows `registry`, which nobody else uses. Its worker stops
// on what cannot pass; a full disk is tried again after each interval. One thread.
class Dimensions {
 public:
  Dimensions(objects::Objects& objects, business::Registry& registry, const Clock& clock,
             DimensionsOptions options);

  // Takes over from any earlier writer and sweeps what that one left uncommitted.
  Result<void> open();
  // Writes a snapshot when what the tables hold differs from the last one; true when it did.
  Result<bool> follow();

 private:
  Result<void> write_snapshot(const std::string& content);
  Result<objects::ManifestObject> write_table(const Dimension& dimension, std::string key);

  objects::Objects& objects_;
  business::Registry& registry_;
  const Clock& clock_;
  const DimensionsOptions options_;
  objects::Manifest manifest_;
  std::unique_ptr<table::Engine> engine_;
  std::optional<Duration> looked_at_;  // when follow() last read the registry
  std::string content_;                // digest of the last snapshot; empty before the first
};

// Calls follow() until it is stopped.
std::unique_ptr<work::Worker> follow_business(Dimensions& dimensions);

}  // namespace cauce::warehouse
