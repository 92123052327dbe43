#include "recent/memory/memory.h"

#include <fmt/core.h>

namespace cauce::recent::memory {
namespace {

using Entries = std::map<Bytes, Bytes>;

class EntriesSnapshot final : public Snapshot {
 public:
  explicit EntriesSnapshot(std::shared_ptr<const Entries> entries) : entries_(std::move(entries)) {}

  Result<std::optional<BytesView>> get(BytesView key) override {
    const auto found = entries_->find(Bytes{key});
    if (found == entries_->end()) return std::optional<BytesView>{};
    return std::optional<BytesView>{found->second};
  }

  Result<std::optional<Entry>> at_or_after(BytesView key) override {
    const auto found = entries_->lower_bound(Bytes{key});
    if (found == entries_->end()) return std::optional<Entry>{};
    return std::optional{Entry{found->first, found->second}};
  }

 private:
  const std::shared_ptr<const Entries> entries_;
};

void apply(const Writes& writes, Entries& entries) {
  for (const auto& [key, value] : writes) {
    if (value) {
      entries.insert_or_assign(key, *value);
    } else {
      entries.erase(key);
    }
  }
}

}  // namespace

Store::Store(const Clock& clock, Options options)
    : clock_(clock), options_(options), reader_(read_months(*this)) {}

Result<void> Store::commit(const Change& change) {
  auto planned = plan(change, clock_.now(), options_.limits);
  if (!planned) return planned.error();
  const std::lock_guard lock{mutex_};
  std::map<Month, std::size_t> bytes_after;
  for (auto& [month, writes] : *planned) {
    auto bytes = admit(month, writes);
    if (!bytes) return bytes.error();
    bytes_after[month] = *bytes;
  }
  for (const auto& [month, writes] : *planned) {
    Kept& kept = months_[month];
    if (kept.entries == nullptr) kept.entries = std::make_shared<Entries>();
    // Snapshots are made under mutex_: when we alone hold the entries, nobody reads them.
    if (kept.entries.use_count() > 1) kept.entries = std::make_shared<Entries>(*kept.entries);
    apply(writes, *kept.entries);
    kept.bytes = bytes_after[month];
  }
  return {};
}

Result<std::size_t> Store::admit(Month month, Writes& writes) const {
  const auto found = months_.find(month);
  const Entries none;
  const Entries& entries = found == months_.end() ? none : *found->second.entries;
  std::size_t bytes = found == months_.end() ? 0 : found->second.bytes;
  Writes effective;
  for (Write& write : writes) {
    const auto stored = entries.find(write.key);
    if (stored != entries.end()) {
      const auto wins = replaces(write, stored->second);
      if (!wins) return wins.error();
      if (!*wins) continue;
      bytes -= write.key.size() + stored->second.size();
    }
    if (write.value) bytes += write.key.size() + write.value->size();
    effective.push_back(std::move(write));
  }
  writes = std::move(effective);
  if (bytes > options_.month_bytes_max) {
    return Error{Outcome::exhausted,
                 fmt::format("month {} of the recent store in memory would grow to {} bytes, past "
                             "its limit of {}; raise month_bytes_max or shorten the time to live",
                             name_of(month), bytes, options_.month_bytes_max)};
  }
  return bytes;
}

Result<std::size_t> Store::expire(Time now) {
  const std::lock_guard lock{mutex_};
  return std::erase_if(
      months_, [&](const auto& entry) { return is_expired(entry.first, now, options_.limits); });
}

Store::Contents Store::contents() const {
  const std::lock_guard lock{mutex_};
  Contents contents;
  for (const auto& [month, kept] : months_)
    contents[month] = *kept.entries;
  return contents;
}

Result<std::vector<Month>> Store::list() {
  const std::lock_guard lock{mutex_};
  std::vector<Month> months;
  months.reserve(months_.size());
  for (const auto& [month, kept] : months_)
    months.push_back(month);
  return months;
}

Result<std::unique_ptr<Snapshot>> Store::open(Month month) {
  const std::lock_guard lock{mutex_};
  const auto found = months_.find(month);
  if (found == months_.end()) return std::unique_ptr<Snapshot>{};
  return std::unique_ptr<Snapshot>{std::make_unique<EntriesSnapshot>(found->second.entries)};
}

}  // namespace cauce::recent::memory
