// Figures of charts that were computed, kept so that the same chart in another size, theme,
// language or format does not read its table again: objects `charts/figures/AGE-KEY`, so many
// bytes, the oldest go first. What is lost is computed again. One thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "api/recently_used.h"
#include "base/clock.h"
#include "charts/figures.h"
#include "objects/objects.h"

namespace cauce::api {

struct KeptFiguresLimits {
  std::uint64_t bytes_max = 2ull << 30;  // in the object store
  std::size_t files_max = 20'000;
  std::uint64_t one_bytes_max = 64u << 20;   // of one chart; more is not kept
  std::size_t memory_bytes_max = 64u << 20;  // of those used last, beside
};

class KeptFigures {
 public:
  // Both outlive this.
  KeptFigures(objects::Objects& objects, const Clock& clock, KeptFiguresLimits limits = {});

  // Once, before the rest.
  Result<void> open();

  // `key`: letters and digits that stand for all that the figures follow from.
  std::optional<charts::Figures> find(const std::string& key);
  // Never in vain for the caller: what cannot be kept is not, and logged.
  void keep(const std::string& key, const charts::Figures& figures);

 private:
  struct Kept {
    std::string object;
    std::uint64_t bytes = 0;
  };
  Result<void> make_room();
  void forget(const std::string& key);

  objects::Objects& objects_;
  const Clock& clock_;
  const KeptFiguresLimits limits_;
  RecentlyUsed<charts::Figures> memory_;
  std::map<std::string, Kept, std::less<>> by_key_;
  std::map<std::string, std::string> by_age_;  // object to key; its name begins with its age
  std::uint64_t bytes_ = 0;
};

}  // namespace cauce::api
