#include "app/backup_data_sets.h"

#include <fmt/core.h>

#include <set>

namespace cauce::app {
namespace {

// Who removes a data set or a chart removes first what names its objects.
bool is_removed(objects::Objects& objects, const std::string& key) {
  const auto note = objects.get(key);
  return !note && note.error().outcome == Outcome::not_found;
}

Error missing(const Error& error, const std::string& key) {
  if (error.outcome != Outcome::not_found) return error;
  return {Outcome::corrupt,
          fmt::format("{}, which {} names; run: cauce doctor", error.message, key)};
}

}  // namespace

Result<void> DataSetsCopy::read_charts() {
  auto charts = api::read_pins(objects_);
  if (!charts) return charts.error();
  charts_ = std::move(*charts);
  return {};
}

Result<void> DataSetsCopy::read_sets() {
  auto sets = datasets::read_committed_sets(objects_);
  if (!sets) return sets.error();
  sets_ = std::move(*sets);
  return {};
}

Result<void> DataSetsCopy::copy_set(const datasets::CommittedSet& set, BackupTarget& target) {
  for (const datasets::CommittedSet::File& part : set.files) {
    const auto file = objects_.local_copy(part.key);
    if (!file) return file.error();
    const auto sha256 = target.add_object(part.key, *file);
    if (!sha256) return sha256.error();
    if (part.sha256.empty() || to_hex(*sha256) == part.sha256) continue;
    return Error{Outcome::corrupt,
                 fmt::format("the object {} is not what was uploaded: its SHA-256 differs; restore "
                             "it from a backup or remove the data set {}",
                             part.key, set.set.id)};
  }
  return target.add_changing(set.key, set.note);
}

Result<void> DataSetsCopy::copy_chart(const api::StoredPin& chart, BackupTarget& target) {
  if (!chart.figures_key.empty()) {
    const auto file = objects_.local_copy(chart.figures_key);
    if (!file) return file.error();
    if (auto added = target.add_object(chart.figures_key, *file); !added) return added.error();
  }
  return target.add_changing(chart.key, chart.note);
}

Result<void> DataSetsCopy::copy(BackupTarget& target) {
  std::set<std::string> copied;  // COMPANY/ID
  for (const datasets::CommittedSet& set : sets_) {
    if (auto done = copy_set(set, target); !done) {
      if (done.error().outcome == Outcome::not_found && is_removed(objects_, set.key)) continue;
      return missing(done.error(), set.key);
    }
    copied.insert(fmt::format("{}/{}", set.company, set.set.id));
  }
  for (const api::StoredPin& chart : charts_) {
    const bool is_of_set = !chart.pin.data_set.empty();
    const std::string set = fmt::format("{}/{}", chart.pin.company, chart.pin.data_set);
    if (is_of_set && !copied.contains(set)) continue;  // removed with it
    if (auto done = copy_chart(chart, target); !done) {
      if (done.error().outcome == Outcome::not_found && is_removed(objects_, chart.key)) continue;
      return missing(done.error(), chart.key);
    }
  }
  return {};
}

}  // namespace cauce::app
