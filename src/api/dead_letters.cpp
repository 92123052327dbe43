#include <fmt/core.h>

#include <limits>

#include "api/base64.h"
#include "api/handlers.h"
#include "api/json.h"
#include "api/query.h"
#include "record/reason.h"

namespace cauce::api {
namespace {

std::string name_of(RawPosition at) {
  return fmt::format("{}-{}", at.partition, at.position);
}

std::optional<RawPosition> position_of(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto partition = number_of(text.substr(0, dash));
  const auto position = number_of(text.substr(dash + 1));
  if (!partition || !position || *partition > std::numeric_limits<std::uint32_t>::max())
    return std::nullopt;
  return RawPosition{static_cast<std::uint32_t>(*partition), *position};
}

Json in_two_languages(const std::string& reason) {
  return {{"en", reason}, {"es", record::reason_in_spanish(reason).value_or(reason)}};
}

Json json_of(const DeadLetter& letter) {
  return {{"id", name_of(letter.at)},
          {"company", letter.company},
          {"device", letter.device},
          {"topic", letter.topic},
          {"content_type", letter.content_type},
          {"received_at", format_time(letter.received_at)},
          {"stage", letter.stage},
          {"reason", letter.reason},
          {"text", in_two_languages(letter.reason)},
          {"payload_bytes", letter.payload_bytes}};
}

}  // namespace

Json json_of(const DeadLetterCount& count) {
  return {{"device", count.device}, {"stage", count.stage},
          {"reason", count.reason}, {"text", in_two_languages(count.reason)},
          {"count", count.count},   {"last_received_at", format_time(count.last_received_at)}};
}

Result<Answer> list_dead_letters(Call& call) {
  const auto limit = limit_of(call);
  if (!limit) return limit.error();
  DeadLetterQuery query;
  query.company = call.company;
  query.device = parameter(call, "device");
  query.letters_max = *limit + 1;
  if (const std::string after = parameter(call, "after"); !after.empty()) {
    query.after = position_of(after);
    if (!query.after) return damaged_cursor();
  }
  auto found = call.house.dead_letters.list(query);
  if (!found) return found.error();
  std::string next;
  if (found->size() > *limit) {
    found->resize(*limit);
    next = name_of(found->back().at);
  }
  Json items = Json::array();
  for (const DeadLetter& letter : *found) {
    items.push_back(json_of(letter));
  }
  return answer(200, {{"items", items}, {"next", next_of(next)}});
}

Result<Answer> count_dead_letters(Call& call) {
  const auto limit = limit_of(call);
  if (!limit) return limit.error();
  const auto counts =
      call.house.dead_letters.counts(call.company, parameter(call, "device"), *limit);
  if (!counts) return counts.error();
  Json items = Json::array();
  for (const DeadLetterCount& count : *counts)
    items.push_back(json_of(count));
  return answer(200, {{"items", items}});
}

Result<Answer> show_dead_letter(Call& call) {
  const Error unknown{Outcome::not_found, "There is no such dead letter."};
  const auto at = position_of(call.parameters[0]);
  if (!at) return unknown;
  const auto found = call.house.dead_letters.find(call.company, *at);
  if (!found) return found.error();
  if (!*found) return unknown;
  Json json = json_of(**found);
  json.set("payload", to_base64((*found)->payload));
  return answer(200, json);
}

}  // namespace cauce::api
