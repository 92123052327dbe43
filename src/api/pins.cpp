#include "api/pins.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/json.h"
#include "base/json_number.h"
#include "base/log.h"
#include "datasets/newest_first.h"

namespace cauce::api {
namespace {

constexpr std::string_view folder = "charts/pins/";
constexpr std::string_view note_suffix = ".json";
constexpr std::string_view figures_suffix = ".figures";

std::string key_of(const Pin& pin, std::string_view suffix) {
  return fmt::format("{}{}/{}{}", folder, pin.company, pin.id, suffix);
}

Bytes to_json(const Pin& pin) {
  Json options = Json::array();  // `where` may stand there more than once
  for (const auto& [name, value] : pin.options) {
    Json option = Json::array();
    option.push_back(name);
    option.push_back(value);
    options.push_back(option);
  }
  const Json json = {{"id", pin.id},
                     {"company", pin.company},
                     {"kind", pin.kind},
                     {"options", options},
                     {"data_set", pin.data_set},
                     {"version", pin.version},
                     {"figures_key", pin.figures_key},
                     {"side_by_side", pin.side_by_side},
                     {"alternative_text", pin.alternative_text},
                     {"created_at", to_microseconds(pin.created_at)}};
  return json.text();
}

Result<Pin> pin_from_json(BytesView text) {
  try {
    const auto json = nlohmann::json::parse(text);
    Pin pin;
    pin.id = json.at("id").get<std::string>();
    pin.company = json.at("company").get<std::string>();
    pin.kind = json.at("kind").get<std::string>();
    for (const auto& option : json.at("options")) {
      pin.options.emplace_back(option.at(0).get<std::string>(), option.at(1).get<std::string>());
    }
    pin.data_set = json.at("data_set").get<std::string>();
    pin.version = whole<std::uint32_t>(json, "version");
    pin.figures_key = json.at("figures_key").get<std::string>();
    pin.side_by_side = json.at("side_by_side").get<bool>();
    pin.alternative_text = json.at("alternative_text").get<std::string>();
    pin.created_at = from_microseconds(whole<std::int64_t>(json, "created_at"));
    return pin;
  } catch (const nlohmann::json::exception& damage) {
    return Error{Outcome::corrupt, damage.what()};
  }
}

datasets::Place place_of(const Pin& pin) {
  return {pin.created_at, pin.id};
}

Result<Pin> pin_of(std::string_view key, BytesView note) {
  auto pin = pin_from_json(note);
  if (pin && key_of(*pin, note_suffix) != key)
    return Error{Outcome::corrupt, "it is about another chart"};
  return pin;
}

}  // namespace

Result<std::vector<StoredPin>> read_pins(objects::Objects& objects) {
  const auto listed = objects.list(folder);
  if (!listed) return listed.error().during("read the charts' addresses");
  std::vector<StoredPin> pins;
  for (const objects::Object& object : *listed) {
    if (!object.key.ends_with(note_suffix)) continue;
    auto note = objects.get(object.key);
    if (!note && note.error().outcome == Outcome::not_found) continue;  // removed meanwhile
    if (!note) return note.error();
    auto pin = pin_of(object.key, *note);
    if (!pin) {
      return Error{Outcome::corrupt, fmt::format("the chart's address {} is damaged: {}; remove "
                                                 "this file, or restore it from a backup",
                                                 object.key, pin.error().message)};
    }
    const std::string figures = pin->data_set.empty() ? key_of(*pin, figures_suffix) : "";
    pins.push_back({std::move(*pin), object.key, std::move(*note), figures});
  }
  return pins;
}

Pins::Pins(objects::Objects& objects, std::size_t pins_max)
    : objects_(objects), pins_max_(pins_max) {}

Result<void> Pins::open() {
  const std::lock_guard lock(mutex_);
  const auto listed = objects_.list(folder);
  if (!listed) return listed.error().during("open the charts' addresses");
  for (const objects::Object& object : *listed) {
    if (!object.key.ends_with(note_suffix)) continue;
    const auto text = objects_.get(object.key);
    auto pin = text ? pin_of(object.key, *text) : Result<Pin>(text.error());
    if (pin) {
      companies_[pin->company].emplace(pin->id, std::move(*pin));
      continue;
    }
    log::warning(fmt::format("the chart's address {} is damaged and removed", object.key));
    if (auto removed = objects_.remove(object.key); !removed) return removed;
  }
  // Figures whose note a crash kept from being written.
  for (const objects::Object& object : *listed) {
    if (!object.key.ends_with(figures_suffix)) continue;
    const std::size_t name = object.key.rfind('/') + 1;
    const std::string company = object.key.substr(folder.size(), name - 1 - folder.size());
    const std::string id =
        object.key.substr(name, object.key.size() - name - figures_suffix.size());
    if (companies_[company].contains(id)) continue;
    if (auto removed = objects_.remove(object.key); !removed) return removed;
  }
  return {};
}

std::optional<Pin> Pins::find(std::string_view company, std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto pins = companies_.find(company);
  if (pins == companies_.end()) return std::nullopt;
  const auto pin = pins->second.find(id);
  return pin == pins->second.end() ? std::nullopt : std::optional(pin->second);
}

Result<Pin> Pins::keep(const Pin& pin, BytesView figures) {
  const std::lock_guard lock(mutex_);
  OfCompany& pins = companies_[pin.company];
  if (const auto known = pins.find(pin.id); known != pins.end()) return known->second;
  while (pins.size() >= pins_max_) {
    auto oldest = pins.begin();
    for (auto other = pins.begin(); other != pins.end(); ++other) {
      if (other->second.created_at < oldest->second.created_at) oldest = other;
    }
    if (auto removed = remove_objects(oldest->second); !removed) return removed.error();
    pins.erase(oldest);
  }
  if (!figures.empty()) {
    if (auto put = objects_.put(key_of(pin, figures_suffix), figures); !put) return put.error();
  }
  if (auto put = objects_.put(key_of(pin, note_suffix), to_json(pin)); !put) return put.error();
  pins.emplace(pin.id, pin);
  return pin;
}

Result<Bytes> Pins::figures(const Pin& pin) const {
  return objects_.get(key_of(pin, figures_suffix));
}

Result<void> Pins::remove_objects(const Pin& pin) {
  auto removed = objects_.remove(key_of(pin, note_suffix));
  if (removed) removed = objects_.remove(key_of(pin, figures_suffix));
  return removed;
}

Result<PinPage> Pins::list(std::string_view company, std::string_view data_set,
                           std::string_view after, std::size_t pins_max,
                           const std::function<bool(const Pin&)>& shows) const {
  const auto place = datasets::parse_cursor(after);
  if (!after.empty() && !place)
    return Error{Outcome::invalid, "\"after\" is no cursor of this list."};
  const std::lock_guard lock(mutex_);
  PinPage page;
  const auto pins = companies_.find(company);
  if (pins == companies_.end()) return page;
  std::vector<const Pin*> rest;
  for (const auto& [id, pin] : pins->second) {
    if (!data_set.empty() && pin.data_set != data_set) continue;
    if (!place || place->is_before(place_of(pin))) rest.push_back(&pin);
  }
  std::sort(rest.begin(), rest.end(), [](const Pin* left, const Pin* right) {
    return place_of(*left).is_before(place_of(*right));
  });
  for (const Pin* pin : rest) {
    if (!shows(*pin)) continue;
    if (page.pins.size() == pins_max) {
      page.next = datasets::to_cursor(place_of(page.pins.back()));
      break;
    }
    page.pins.push_back(*pin);
  }
  return page;
}

Result<void> Pins::remove(std::string_view company, std::string_view id) {
  const std::lock_guard lock(mutex_);
  const auto pins = companies_.find(company);
  const auto pin = pins == companies_.end() ? OfCompany::iterator{} : pins->second.find(id);
  if (pins == companies_.end() || pin == pins->second.end())
    return Error{Outcome::not_found, "There is no such chart, or no longer."};
  if (auto removed = remove_objects(pin->second); !removed) return removed;
  pins->second.erase(pin);
  return {};
}

Result<void> Pins::remove_of(std::string_view company, std::string_view data_set) {
  const std::lock_guard lock(mutex_);
  const auto pins = companies_.find(company);
  if (pins == companies_.end()) return {};
  for (auto pin = pins->second.begin(); pin != pins->second.end();) {
    if (pin->second.data_set != data_set) {
      ++pin;
      continue;
    }
    if (auto removed = remove_objects(pin->second); !removed) return removed;
    pin = pins->second.erase(pin);
  }
  return {};
}

}  // namespace cauce::api
