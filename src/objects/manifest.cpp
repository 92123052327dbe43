#include "objects/manifest.h"

#include <fmt/core.h>

#include <unordered_set>

#include "objects/manifest_json.h"

namespace cauce::objects {
namespace {

// Another writer can take each number that we try, but every take ends one writer.
constexpr int open_tries_max = 100;

// "00000000000000000042.json" and nothing else; foreign names in the log are not entries.
bool is_entry_name(std::string_view name) {
  if (name.size() != 25 || name.substr(20) != ".json") return false;
  return name.substr(0, 20).find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

Manifest::Manifest(Objects& objects, std::string prefix)
    : objects_(objects), prefix_(std::move(prefix)) {}

std::string Manifest::key_of_entry(std::uint64_t number) const {
  return fmt::format("{}/_log/{:020}.json", prefix_, number);
}

std::uint64_t Manifest::cursor(std::uint32_t partition) const {
  const auto found = cursors_.find(partition);
  return found == cursors_.end() ? 0 : found->second;
}

Result<void> Manifest::open(Time now) {
  for (int count = 0; count < open_tries_max; ++count) {
    auto read = refresh();
    if (!read) return read;
    const ManifestEntry opening{.epoch = epoch_max_ + 1,
                                .partition = 0,
                                .from = cursor(0),
                                .to = cursor(0),
                                .committed_at = now,
                                .objects = {}};
    auto created = create_entry(opening);
    if (created) {
      epoch_ = opening.epoch;
      apply(opening);
      return {};
    }
    if (created.error().outcome != Outcome::conflict) return created;
  }
  return Error{
      Outcome::conflict,
      fmt::format("{} other writers opened {} while we tried; stop them", open_tries_max, prefix_)};
}

Result<void> Manifest::commit(ManifestEntry entry) {
  INVARIANT(epoch_ != 0);
  INVARIANT(entry.from <= entry.to);
  if (entry.from != cursor(entry.partition)) {
    return Error{Outcome::conflict,
                 fmt::format("cannot commit {} [{}, {}) of partition {}: the cursor is {}", prefix_,
                             entry.from, entry.to, entry.partition, cursor(entry.partition))};
  }
  if (entry.objects.size() > entry_objects_max) {
    return Error{Outcome::invalid,
                 fmt::format("cannot commit {} objects to {} at once; the limit is {}",
                             entry.objects.size(), prefix_, entry_objects_max)};
  }
  entry.epoch = epoch_;
  auto created = create_entry(entry);
  if (!created) return created;
  apply(entry);
  return {};
}

Result<void> Manifest::create_entry(const ManifestEntry& entry) {
  const std::string key = key_of_entry(next_entry_);
  const Bytes bytes = to_json(entry);
  auto created = objects_.create(key, bytes);
  if (created || created.error().outcome != Outcome::conflict) return created;
  // A store that answered too late may have kept our own entry; nobody else's has our epoch and
  // our range.
  auto present = objects_.get(key);
  if (present && *present == bytes && entry.epoch == epoch_) return {};
  return created.error().during(fmt::format("another writer of {} came first", prefix_));
}

Result<void> Manifest::refresh() {
  return read_ ? read_new() : read_all();
}

Result<void> Manifest::read_all() {
  auto listed = objects_.list(prefix_ + "/_log/");
  if (!listed) return listed.error();
  for (const Object& object : *listed) {
    if (!is_entry_name(std::string_view(object.key).substr(prefix_.size() + 6))) continue;
    if (object.key != key_of_entry(next_entry_)) {
      return Error{Outcome::corrupt,
                   fmt::format("{} is missing, but {} exists; restore it from a copy",
                               key_of_entry(next_entry_), object.key)};
    }
    auto bytes = objects_.get(object.key);
    if (!bytes) return bytes.error();
    auto read = read_entry(object.key, *bytes);
    if (!read) return read;
  }
  read_ = true;
  return {};
}

Result<void> Manifest::read_new() {
  while (true) {
    const std::string key = key_of_entry(next_entry_);
    auto bytes = objects_.get(key);
    if (!bytes && bytes.error().outcome == Outcome::not_found) return {};
    if (!bytes) return bytes.error();
    auto read = read_entry(key, *bytes);
    if (!read) return read;
  }
}

Result<void> Manifest::read_entry(std::string_view key, BytesView bytes) {
  auto entry = from_json(bytes);
  if (!entry) return entry.error().during(fmt::format("read {}", key));
  if (entry->from != cursor(entry->partition)) {
    return Error{Outcome::corrupt,
                 fmt::format("{} begins at {} of partition {}, but the entries before it end at {}",
                             key, entry->from, entry->partition, cursor(entry->partition))};
  }
  if (entry->epoch < epoch_max_) {
    return Error{Outcome::corrupt, fmt::format("{} has epoch {}, but an entry before it has {}",
                                               key, entry->epoch, epoch_max_)};
  }
  apply(*entry);
  return {};
}

void Manifest::apply(const ManifestEntry& entry) {
  cursors_[entry.partition] = entry.to;
  epoch_max_ = entry.epoch;
  ++next_entry_;
  committed_.insert(committed_.end(), entry.objects.begin(), entry.objects.end());
}

Result<std::size_t> Manifest::sweep() {
  INVARIANT(epoch_ != 0);
  auto listed = objects_.list(prefix_ + "/");
  if (!listed) return listed.error();
  std::unordered_set<std::string_view> named;
  for (const ManifestObject& object : committed_) {
    named.insert(object.key);
  }
  const std::string log = prefix_ + "/_log/";
  std::size_t removed = 0;
  for (const Object& object : *listed) {
    if (object.key.starts_with(log) || named.contains(object.key)) continue;
    auto done = objects_.remove(object.key);
    if (!done) return done.error();
    ++removed;
  }
  return removed;
}

}  // namespace cauce::objects
