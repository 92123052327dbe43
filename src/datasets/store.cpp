#include "datasets/store.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "base/log.h"
#include "datasets/newest_first.h"
#include "datasets/store_json.h"
#include "datasets/store_keys.h"

namespace cauce::datasets {
namespace {

constexpr std::size_t id_bytes = 16;
constexpr std::size_t suffix_bytes_max = 12;

// ".csv" of "cars.CSV": what is safe in a key, so that the file can be told by its name.
std::string suffix_of(std::string_view file_name) {
  const std::size_t dot = file_name.rfind('.');
  if (dot == std::string_view::npos || file_name.size() - dot > suffix_bytes_max) return {};
  std::string suffix = ".";
  for (const char letter : file_name.substr(dot + 1)) {
    const char small = letter >= 'A' && letter <= 'Z' ? char(letter - 'A' + 'a') : letter;
    const bool is_safe = (small >= 'a' && small <= 'z') || (small >= '0' && small <= '9');
    if (!is_safe) return {};
    suffix += small;
  }
  return suffix.size() == 1 ? std::string{} : suffix;
}

Error unknown() {
  return {Outcome::not_found, "There is no such data set."};
}

Place place_of(const DataSet& set) {
  return {set.created_at, set.id};
}

}  // namespace

bool is_seen(const DataSet& set, const Viewer& viewer) {
  return viewer.sees_all || set.sharing == Sharing::company || set.owner == viewer.name;
}

Store::Store(objects::Objects& objects, Random& random, StoreLimits limits)
    : objects_(objects), random_(random), limits_(limits) {}

Result<void> Store::open() {
  const std::lock_guard lock(mutex_);
  auto listed = objects_.list(sets_prefix);
  if (!listed) return listed.error().during("open the data sets");
  std::vector<std::string> named;    // keys that exist for us
  std::set<std::string> left_alone;  // folders
  for (const objects::Object& object : *listed) {
    if (!is_note_key(object.key)) continue;
    named.push_back(object.key);
    const auto read = read_set(object.key, named);
    if (read) continue;
    log::error(fmt::format("the data set {} cannot be read: {}; restore it from a backup or "
                           "remove its folder",
                           object.key, read.error().message),
               {});
    left_alone.insert(object.key.substr(0, object.key.rfind('/') + 1));
  }
  std::sort(named.begin(), named.end());
  for (const objects::Object& object : *listed) {
    const std::string folder = object.key.substr(0, object.key.rfind('/') + 1);
    if (std::binary_search(named.begin(), named.end(), object.key)) continue;
    if (left_alone.contains(folder)) continue;
    if (auto removed = objects_.remove(object.key); !removed) return removed;
  }
  return {};
}

Result<void> Store::read_set(std::string_view key, std::vector<std::string>& named) {
  const auto text = objects_.get(key);
  if (!text) return text.error();
  auto owned = owned_set(key, *text);
  if (!owned) return owned.error();
  const auto& [company, set] = *owned;
  for (const Version& version : set.versions) {
    named.push_back(file_key(company, set, version));
    named.push_back(summary_key(company, set, version));
    if (version.columns_bytes > 0) named.push_back(columns_key(company, set, version));
  }
  companies_[company].emplace(set.id, set);
  return {};
}

Result<void> Store::check_name(std::string_view name) const {
  if (name.empty() || name.size() > limits_.name_bytes_max) {
    return Error{Outcome::invalid, fmt::format("The name of a data set has 1 to {} bytes, not {}.",
                                               limits_.name_bytes_max, name.size())};
  }
  for (const char letter : name) {
    if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F)
      return Error{Outcome::invalid, "The name of a data set holds no control characters."};
  }
  return {};
}

Result<void> Store::room_for(const Sets& sets, std::uint64_t bytes, bool is_new) const {
  if (is_new && sets.size() >= limits_.sets_max) {
    return Error{Outcome::exhausted, fmt::format("The company has {} data sets, as many as it may: "
                                                 "remove one that is not needed.",
                                                 sets.size())};
  }
  std::uint64_t kept = 0;
  for (const auto& [id, set] : sets) {
    for (const Version& version : set.versions) {
      kept += version.bytes;
    }
  }
  if (kept + bytes <= limits_.bytes_max) return {};
  return Error{Outcome::exhausted,
               fmt::format("The company's data sets may have {} bytes together and have {}: remove "
                           "what is not needed.",
                           limits_.bytes_max, kept)};
}

Result<void> Store::check_room(std::string_view company, std::uint64_t bytes, bool is_new) const {
  const std::lock_guard lock(mutex_);
  const auto sets = companies_.find(company);
  static const Sets none;
  return room_for(sets == companies_.end() ? none : sets->second, bytes, is_new);
}

Result<void> Store::put_version(std::string_view company, const DataSet& set,
                                const Arrival& arrival) {
  if (arrival.summary.size() > limits_.summary_bytes_max)
    return Error{Outcome::invalid,
                 fmt::format("The summary of the columns has {} bytes, more than {}: the file has "
                             "too many columns.",
                             arrival.summary.size(), limits_.summary_bytes_max)};
  auto put = objects_.put_file(file_key(company, set, set.latest()), arrival.file);
  if (put && arrival.columns_bytes > 0)
    put = objects_.put_file(columns_key(company, set, set.latest()), arrival.columns);
  if (!put) return put;
  return objects_.put(summary_key(company, set, set.latest()), arrival.summary);
}

Result<void> Store::keep(std::string_view company, const DataSet& set) {
  return objects_.put(note_key(company, set.id), to_json(set));
}

namespace {

Version version_of(const Arrival& arrival, std::uint32_t number, Time now) {
  return {.number = number,
          .bytes = arrival.bytes,
          .sha256 = arrival.sha256,
          .file_name = arrival.file_name,
          .owner = arrival.owner,
          .suffix = suffix_of(arrival.file_name),
          .rows = arrival.rows,
          .columns_bytes = arrival.columns_bytes,
          .created_at = now};
}

}  // namespace

Result<DataSet> Store::add(std::string_view company, std::string_view name,
                           std::optional<Time> expires_at, const Arrival& arrival, Time now) {
  if (auto fits = check_name(name); !fits) return fits.error();
  DataSet set;
  {
    const std::lock_guard lock(mutex_);
    const Sets& sets = companies_[std::string(company)];
    if (auto room = room_for(sets, arrival.bytes, true); !room) return room.error();
    set.id = to_hex(random_.bytes(id_bytes));
  }
  set.name = std::string(name);
  set.owner = arrival.owner;
  set.created_at = now;
  set.expires_at = expires_at;
  set.versions.push_back(version_of(arrival, 1, now));
  if (auto put = put_version(company, set, arrival); !put) return put.error();
  const std::lock_guard lock(mutex_);
  if (auto kept = keep(company, set); !kept) return kept.error();
  companies_[std::string(company)].emplace(set.id, set);
  return set;
}

Result<DataSet> Store::add_version(std::string_view company, std::string_view id,
                                   const Arrival& arrival, Time now) {
  DataSet set;
  {
    const std::lock_guard lock(mutex_);
    auto found = set_of(company, id);
    if (!found) return found.error();
    set = **found;
    if (set.versions.size() >= limits_.versions_max) {
      return Error{Outcome::exhausted,
                   fmt::format("The data set has {} versions, as many as it may: upload the file "
                               "as a new data set.",
                               limits_.versions_max)};
    }
    if (auto room = room_for(companies_.find(company)->second, arrival.bytes, false); !room)
      return room.error();
  }
  set.versions.push_back(version_of(arrival, set.latest().number + 1, now));
  if (auto put = put_version(company, set, arrival); !put) return put.error();
  const std::lock_guard lock(mutex_);
  auto found = set_of(company, id);
  // Removed while the file was stored: nothing names it, so it goes now or at the next start.
  if (!found) {
    if (auto gone = remove_version(company, set, set.latest()); !gone) return gone.error();
    return found.error();
  }
  set.name = (*found)->name;
  set.sharing = (*found)->sharing;
  set.expires_at = (*found)->expires_at;
  if (auto kept = keep(company, set); !kept) return kept.error();
  **found = set;
  return set;
}

Result<DataSet*> Store::set_of(std::string_view company, std::string_view id) {
  const auto sets = companies_.find(company);
  if (sets == companies_.end()) return unknown();
  const auto set = sets->second.find(id);
  if (set == sets->second.end()) return unknown();
  return &set->second;
}

Result<DataSet> Store::find(std::string_view company, std::string_view id,
                            const Viewer& viewer) const {
  const std::lock_guard lock(mutex_);
  const auto sets = companies_.find(company);
  if (sets == companies_.end()) return unknown();
  const auto set = sets->second.find(id);
  if (set == sets->second.end() || !is_seen(set->second, viewer)) return unknown();
  return set->second;
}

Result<DataSet> Store::last_uploaded(std::string_view company, const Viewer& viewer) const {
  const std::lock_guard lock(mutex_);
  const auto sets = companies_.find(company);
  const DataSet* last = nullptr;
  if (sets != companies_.end()) {
    for (const auto& [id, set] : sets->second) {
      if (!is_seen(set, viewer)) continue;
      if (last == nullptr || set.latest().created_at > last->latest().created_at) last = &set;
    }
  }
  if (last == nullptr)
    return Error{Outcome::not_found, "There is no data set yet: upload a file first."};
  return *last;
}

Result<SetPage> Store::list(std::string_view company, std::string_view after, std::size_t sets_max,
                            const Viewer& viewer) const {
  const auto place = parse_cursor(after);
  if (!after.empty() && !place)
    return Error{Outcome::invalid, "\"after\" is no cursor of this list."};
  const std::lock_guard lock(mutex_);
  SetPage page;
  const auto sets = companies_.find(company);
  if (sets == companies_.end()) return page;
  std::vector<const DataSet*> rest;
  for (const auto& [id, set] : sets->second) {
    if (!is_seen(set, viewer)) continue;
    if (!place || place->is_before(place_of(set))) rest.push_back(&set);
  }
  std::sort(rest.begin(), rest.end(), [](const DataSet* left, const DataSet* right) {
    return place_of(*left).is_before(place_of(*right));
  });
  for (const DataSet* set : rest) {
    if (page.sets.size() == sets_max) {
      page.next = to_cursor(place_of(page.sets.back()));
      break;
    }
    page.sets.push_back(*set);
  }
  return page;
}

Result<DataSet> Store::rename(std::string_view company, std::string_view id,
                              std::string_view name) {
  if (auto fits = check_name(name); !fits) return fits.error();
  const std::lock_guard lock(mutex_);
  auto found = set_of(company, id);
  if (!found) return found.error();
  DataSet set = **found;
  set.name = std::string(name);
  if (auto kept = keep(company, set); !kept) return kept.error();
  **found = set;
  return set;
}

Result<DataSet> Store::set_expiry(std::string_view company, std::string_view id,
                                  std::optional<Time> expires_at) {
  const std::lock_guard lock(mutex_);
  auto found = set_of(company, id);
  if (!found) return found.error();
  DataSet set = **found;
  set.expires_at = expires_at;
  if (auto kept = keep(company, set); !kept) return kept.error();
  **found = set;
  return set;
}

Result<DataSet> Store::share(std::string_view company, std::string_view id, Sharing sharing) {
  const std::lock_guard lock(mutex_);
  auto found = set_of(company, id);
  if (!found) return found.error();
  DataSet set = **found;
  set.sharing = sharing;
  if (auto kept = keep(company, set); !kept) return kept.error();
  **found = set;
  return set;
}

Result<void> Store::remove_objects(std::string_view company, const DataSet& set) {
  // First what makes it exist: what a crash leaves is swept at the next start.
  auto removed = objects_.remove(note_key(company, set.id));
  for (const Version& version : set.versions) {
    if (removed) removed = remove_version(company, set, version);
  }
  return removed;
}

Result<void> Store::remove_version(std::string_view company, const DataSet& set,
                                   const Version& version) {
  auto removed = objects_.remove(file_key(company, set, version));
  if (removed) removed = objects_.remove(summary_key(company, set, version));
  if (removed) removed = objects_.remove(columns_key(company, set, version));
  return removed;
}

Result<void> Store::remove(std::string_view company, std::string_view id) {
  const std::lock_guard lock(mutex_);
  auto found = set_of(company, id);
  if (!found) return found.error();
  if (auto removed = remove_objects(company, **found); !removed) return removed;
  Sets& sets = companies_.find(company)->second;
  sets.erase(sets.find(id));
  return {};
}

Result<std::optional<Store::Removed>> Store::remove_expired(Time now) {
  std::optional<Removed> expired;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [company, sets] : companies_) {
      for (const auto& [id, set] : sets) {
        if (set.expires_at && *set.expires_at <= now) expired = Removed{company, id};
      }
    }
  }
  if (!expired) return expired;
  if (auto removed = remove(expired->company, expired->id); !removed) {
    // Somebody else was faster.
    if (removed.error().outcome != Outcome::not_found) return removed.error();
  }
  return expired;
}

Result<std::filesystem::path> Store::file(std::string_view company, const DataSet& set,
                                          const Version& version) const {
  return objects_.local_copy(file_key(company, set, version));
}

Result<std::filesystem::path> Store::columns(std::string_view company, const DataSet& set,
                                             const Version& version) const {
  if (version.columns_bytes == 0)
    return Error{Outcome::not_found, "this version has no typed columns"};
  return objects_.local_copy(columns_key(company, set, version));
}

Result<std::string> Store::summary(std::string_view company, const DataSet& set,
                                   const Version& version) const {
  return objects_.get(summary_key(company, set, version));
}

}  // namespace cauce::datasets
