#include "datasets/committed_sets.h"

#include <fmt/core.h>

#include "datasets/store_keys.h"

namespace cauce::datasets {
namespace {

Result<CommittedSet> committed(const std::string& key, Bytes note) {
  auto owned = owned_set(key, note);
  if (!owned) {
    return Error{owned.error().outcome,
                 fmt::format("the data set {} cannot be read: {}; restore it from a backup or "
                             "remove its folder",
                             key, owned.error().message)};
  }
  CommittedSet set{std::move(owned->company), std::move(owned->set), key, std::move(note), {}};
  for (const Version& version : set.set.versions) {
    set.files.push_back({file_key(set.company, set.set, version), version.bytes, version.sha256});
    set.files.push_back({summary_key(set.company, set.set, version), std::nullopt, {}});
    if (version.columns_bytes == 0) continue;
    set.files.push_back({columns_key(set.company, set.set, version), version.columns_bytes, {}});
  }
  return set;
}

}  // namespace

Result<std::vector<CommittedSet>> read_committed_sets(objects::Objects& objects) {
  const auto listed = objects.list(sets_prefix);
  if (!listed) return listed.error().during("read the data sets");
  std::vector<CommittedSet> sets;
  for (const objects::Object& object : *listed) {
    if (!is_note_key(object.key)) continue;
    auto note = objects.get(object.key);
    if (!note && note.error().outcome == Outcome::not_found) continue;  // removed meanwhile
    if (!note) return note.error();
    auto set = committed(object.key, std::move(*note));
    if (!set) return set.error();
    sets.push_back(std::move(*set));
  }
  return sets;
}

}  // namespace cauce::datasets
