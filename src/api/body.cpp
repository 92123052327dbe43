#include "api/body.h"

#include <fmt/core.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

namespace cauce::api {
namespace {

using Json = nlohmann::json;

// Names in a sentence are cut, so that an answer cannot be made arbitrarily long.
std::string shown(std::string_view name) {
  constexpr std::size_t shown_max = 64;
  std::string text(name.substr(0, shown_max));
  return name.size() > shown_max ? text + "…" : text;
}

// Parses without exceptions; finds repeated members and nesting on the way.
Json parse(BytesView text, std::optional<Error>& fault) {
  std::vector<std::set<std::string>> open_objects;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > Body::depth_max && !fault)
      fault = Error{Outcome::invalid,
                    fmt::format("The JSON body is nested deeper than {} levels.", Body::depth_max)};
    if (event == Json::parse_event_t::object_start) open_objects.emplace_back();
    if (event == Json::parse_event_t::object_end) open_objects.pop_back();
    if (event == Json::parse_event_t::key) {
      const std::string& name = parsed.get_ref<const std::string&>();
      if (!open_objects.back().insert(name).second && !fault)
        fault =
            Error{Outcome::invalid, fmt::format("The member \"{}\" appears twice.", shown(name))};
    }
    return true;
  };
  Json parsed = Json::parse(text, watch, false);
  if (!fault && !parsed.is_object())
    fault = Error{Outcome::invalid, "The body must be one JSON object."};
  return parsed;
}

}  // namespace

struct Body::State {
  Json object;
  std::string place;  // of this object in the body: "metrics[2]."
  std::set<std::string, std::less<>> known;
  std::optional<Error> fault;

  void complain(std::string_view name, std::string_view what) {
    if (!fault)
      fault = Error{Outcome::invalid, fmt::format("\"{}{}\" {}.", place, shown(name), what)};
  }

  // The member, or nullptr when it is not there.
  const Json* member(std::string_view name) {
    known.emplace(name);
    if (!object.is_object()) return nullptr;
    const auto found = object.find(name);
    return found == object.end() ? nullptr : &*found;
  }
  const Json* needed(std::string_view name) {
    const Json* found = member(name);
    if (found == nullptr) complain(name, "is missing");
    return found;
  }
};

Body::Body(BytesView text) : state_(std::make_unique<State>()) {
  state_->object = parse(text, state_->fault);
}
Body::Body(std::unique_ptr<State> state) : state_(std::move(state)) {}
Body::Body(Body&& other) noexcept = default;
Body::~Body() = default;

std::optional<std::string> Body::optional_text(std::string_view name) {
  const Json* found = state_->member(name);
  if (found == nullptr) return std::nullopt;
  if (found->is_string()) return found->get<std::string>();
  state_->complain(name, "must be a string");
  return std::nullopt;
}

std::string Body::text(std::string_view name) {
  return state_->needed(name) == nullptr ? std::string{} : text_or(name, {});
}

std::string Body::text_or(std::string_view name, std::string fallback) {
  return optional_text(name).value_or(std::move(fallback));
}

std::optional<bool> Body::optional_boolean(std::string_view name) {
  const Json* found = state_->member(name);
  if (found == nullptr) return std::nullopt;
  if (found->is_boolean()) return found->get<bool>();
  state_->complain(name, "must be true or false");
  return std::nullopt;
}

double Body::number(std::string_view name) {
  return state_->needed(name) == nullptr ? 0 : number_or(name, 0);
}

double Body::number_or(std::string_view name, double fallback) {
  const Json* found = state_->member(name);
  if (found == nullptr) return fallback;
  if (found->is_number() && std::isfinite(found->get<double>())) return found->get<double>();
  state_->complain(name, "must be a number");
  return fallback;
}

std::uint32_t Body::count_or(std::string_view name, std::uint32_t fallback) {
  const Json* found = state_->member(name);
  if (found == nullptr) return fallback;
  constexpr std::uint64_t largest = std::numeric_limits<std::uint32_t>::max();
  if (found->is_number_unsigned() && found->get<std::uint64_t>() <= largest)
    return static_cast<std::uint32_t>(found->get<std::uint64_t>());
  state_->complain(name, fmt::format("must be an integer from 0 to {}", largest));
  return fallback;
}

void Body::change_count(std::string_view name, std::optional<std::uint64_t>& value,
                        std::uint64_t most) {
  if (is_null(name)) value.reset();
  const Json* found = state_->member(name);
  if (found == nullptr || found->is_null()) return;
  const std::uint64_t given = found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
  if (given >= 1 && given <= most) {
    value = given;
  } else {
    state_->complain(name, fmt::format("must be an integer from 1 to {}, or null", most));
  }
}

std::optional<Body> Body::optional_object(std::string_view name) {
  const Json* found = state_->member(name);
  if (found == nullptr || found->is_null()) return std::nullopt;
  if (!found->is_object()) {
    state_->complain(name, "must be an object or null");
    return std::nullopt;
  }
  auto state = std::make_unique<State>();
  state->object = *found;
  state->place = fmt::format("{}{}.", state_->place, name);
  return Body{std::move(state)};
}

bool Body::is_null(std::string_view name) {
  const Json* found = state_->member(name);
  return found != nullptr && found->is_null();
}

std::vector<Body> Body::objects(std::string_view name, std::size_t objects_max) {
  std::vector<Body> bodies;
  const Json* found = state_->member(name);
  if (found == nullptr) return bodies;
  if (!found->is_array() || found->size() > objects_max) {
    state_->complain(name, fmt::format("must be an array of at most {} objects", objects_max));
    return bodies;
  }
  for (std::size_t index = 0; index < found->size(); ++index) {
    auto state = std::make_unique<State>();
    state->object = (*found)[index];
    state->place = fmt::format("{}{}[{}].", state_->place, name, index);
    if (!state->object.is_object())
      state_->complain(fmt::format("{}[{}]", name, index), "must be an object");
    bodies.push_back(Body{std::move(state)});
  }
  return bodies;
}

std::vector<std::pair<std::string, std::string>> Body::settings(std::string_view name,
                                                                std::size_t settings_max) {
  std::vector<std::pair<std::string, std::string>> settings;
  const Json* found = state_->member(name);
  if (found == nullptr) return settings;
  if (!found->is_object() || found->size() > settings_max) {
    state_->complain(name, fmt::format("must be an object of at most {} members", settings_max));
    return settings;
  }
  const auto add = [&](const std::string& key, const Json& value) {
    if (value.is_string() || value.is_number() || value.is_boolean()) {
      settings.emplace_back(key, value.is_string() ? value.get<std::string>() : value.dump());
    } else {
      state_->complain(fmt::format("{}.{}", name, key), "must be a string or a number");
    }
  };
  for (const auto& [key, value] : found->items()) {
    if (!value.is_array() || value.size() > settings_max) {
      add(key, value);
      continue;
    }
    for (const Json& one : value) {
      add(key, one);
    }
  }
  return settings;
}

std::string Body::payload(std::string_view name, bool& is_json) {
  const Json* found = state_->needed(name);
  if (found == nullptr) return {};
  is_json = !found->is_string();
  return is_json ? found->dump() : found->get<std::string>();
}

void Body::take(const std::optional<Error>& fault) {
  if (fault && !state_->fault) state_->fault = fault;
}

std::optional<Error> Body::fault() {
  if (state_->fault || !state_->object.is_object()) return state_->fault;
  for (const auto& member : state_->object.items()) {
    if (!state_->known.contains(member.key())) state_->complain(member.key(), "is not known here");
  }
  return state_->fault;
}

}  // namespace cauce::api
