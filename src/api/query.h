// The query parameters that several routes take: pages of lists and ranges of time.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "api/call.h"

namespace cauce::api {

constexpr std::size_t list_items_max = 1000;
constexpr std::size_t list_items_default = 100;
// Points and windows of one series: a curve needs more of them than a list of objects.
constexpr std::size_t curve_items_max = 5000;
constexpr std::size_t curve_items_default = 1000;

// Empty when it is not there.
std::string parameter(const Call& call, std::string_view name);

// `limit`: 1 … largest.
Result<std::size_t> limit_of(const Call& call, std::size_t fallback = list_items_default,
                             std::size_t largest = list_items_max);

// `after` of a list in the order of names: empty, or a name. A damaged cursor is `invalid`, not an
// empty page that looks like the end.
Result<std::string> cursor_of(const Call& call);
Error damaged_cursor();

struct Range {
  Time from;  // inclusive
  Time to;    // exclusive
};

// `from` (default: the beginning of time) and `to` (default: its end).
Result<Range> span_of(const Call& call);
// As above, and `after`, which continues a list behind the time of its last item.
Result<Range> range_of(const Call& call);

// Decimal digits only; nullopt when `text` is no such number.
std::optional<std::uint64_t> number_of(std::string_view text);

// The page of `items` (sorted by `name`) behind `after`, and where the next one starts.
template <class Item>
struct Page {
  std::vector<const Item*> items;
  std::string next;  // empty: nothing follows
};

template <class Item>
Page<Item> page_of(std::vector<const Item*> all, std::string_view after, std::size_t limit) {
  std::sort(all.begin(), all.end(),
            [](const Item* left, const Item* right) { return left->name < right->name; });
  Page<Item> page;
  for (const Item* item : all) {
    if (item->name <= after) continue;
    if (page.items.size() == limit) {
      page.next = page.items.back()->name;
      break;
    }
    page.items.push_back(item);
  }
  return page;
}

}  // namespace cauce::api
