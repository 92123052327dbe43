#include "api/kept_figures.h"

#include <fmt/core.h>

#include "base/log.h"
#include "charts/figures_record.h"

namespace cauce::api {
namespace {

constexpr std::string_view folder = "charts/figures/";

}  // namespace

KeptFigures::KeptFigures(objects::Objects& objects, const Clock& clock, KeptFiguresLimits limits)
    : objects_(objects), clock_(clock), limits_(limits), memory_(limits.memory_bytes_max) {}

Result<void> KeptFigures::open() {
  const auto listed = objects_.list(folder);
  if (!listed) return listed.error().during("open the figures of charts");
  for (const objects::Object& object : *listed) {
    const std::size_t dash = object.key.find('-', folder.size());
    if (dash == std::string::npos) continue;
    const std::string key = object.key.substr(dash + 1);
    by_key_[key] = {object.key, object.bytes};
    by_age_[object.key] = key;
    bytes_ += object.bytes;
  }
  return make_room();
}

std::optional<charts::Figures> KeptFigures::find(const std::string& key) {
  if (const charts::Figures* known = memory_.find(key)) return *known;
  const auto kept = by_key_.find(key);
  if (kept == by_key_.end()) return std::nullopt;
  const auto bytes = objects_.get(kept->second.object);
  auto figures =
      bytes ? charts::figures_from_bytes(*bytes) : Result<charts::Figures>(bytes.error());
  if (!figures) {  // of another version, or damaged: it is computed again
    forget(key);
    return std::nullopt;
  }
  memory_.put(key, *figures, bytes->size());
  return std::move(*figures);
}

void KeptFigures::keep(const std::string& key, const charts::Figures& figures) {
  const Bytes bytes = charts::to_bytes(figures);
  memory_.put(key, figures, bytes.size());
  if (bytes.size() > limits_.one_bytes_max || by_key_.contains(key)) return;
  const std::string object = fmt::format("{}{:016}-{}", folder, to_microseconds(clock_.now()), key);
  Result<void> put = objects_.put(object, bytes);
  if (put) {
    by_key_[key] = {object, bytes.size()};
    by_age_[object] = key;
    bytes_ += bytes.size();
    put = make_room();
  }
  if (!put) log::warning(fmt::format("figures of a chart are not kept: {}", put.error().message));
}

Result<void> KeptFigures::make_room() {
  while (bytes_ > limits_.bytes_max || by_key_.size() > limits_.files_max) {
    const std::string oldest = by_age_.begin()->first;
    if (auto removed = objects_.remove(oldest); !removed) return removed;
    const auto kept = by_key_.find(by_age_.begin()->second);
    bytes_ -= kept->second.bytes;
    by_key_.erase(kept);
    by_age_.erase(by_age_.begin());
  }
  return {};
}

void KeptFigures::forget(const std::string& key) {
  const auto kept = by_key_.find(key);
  const auto removed = objects_.remove(kept->second.object);
  if (!removed) log::warning(removed.error().message);
  bytes_ -= kept->second.bytes;
  by_age_.erase(kept->second.object);
  by_key_.erase(kept);
}

}  // namespace cauce::api
