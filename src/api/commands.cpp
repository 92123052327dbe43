// Commands of a device: given, shown with what came of them, withdrawn.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "api/base64.h"
#include "api/body.h"
#include "api/device.h"
#include "api/handlers.h"
#include "api/json.h"
#include "api/meters.h"
#include "api/query.h"
#include "api/repeats.h"
#include "commands/desk.h"
#include "record/command.h"

namespace cauce::api {
namespace {

using commands::Command;
using commands::State;

constexpr Duration day = std::chrono::hours{24};
constexpr std::uint32_t wait_s_max =
    std::chrono::duration_cast<std::chrono::seconds>(record::command_wait_max).count();

std::string path_of(const Command& command) {
  return fmt::format("/api/v1/devices/{}/commands/{}", command.device, command.id);
}

Json shown(const Command& command, Time now) {
  return {{"id", command.id},
          {"company", command.company},
          {"device", command.device},
          {"state", commands::name_of(state_of(command, now))},
          {"topic", record::commands_topic(command.device)},
          {"position", command.position ? Json(*command.position) : Json()},
          {"content_type", command.content_type},
          {"payload_bytes", command.payload_bytes},
          {"given_at", format_time(command.given_at)},
          {"given_by", command.given_by},
          {"expires_at", format_time(command.expires_at)},
          {"sent_at", json_of(command.sent_at)},
          {"bridged_at", json_of(command.bridged_at)},
          {"left_at", json_of(command.left_at)},
          {"acknowledged_at", json_of(command.acknowledged_at)},
          {"refused_at", json_of(command.refused_at)},
          {"answered_at", json_of(command.answered_at)},
          {"withdrawn_at", json_of(command.withdrawn_at)}};
}

// UTF-8 as it is, but for a character that was cut.
std::string beginning_of(const Command& command) {
  std::string start = command.payload;
  if (start.size() == command.payload_bytes) return start;
  const auto is_inner = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; };
  while (!start.empty() && is_inner(start.back()))
    start.pop_back();
  const bool is_cut = !start.empty() && static_cast<unsigned char>(start.back()) >= 0xC0;
  if (is_cut) start.pop_back();
  return start;
}

// What a device says may be any bytes: what is no UTF-8 shows as U+FFFD in `text`.
Json shown(const std::optional<commands::Answer>& answer) {
  if (!answer) return {};
  return {{"content_type", answer->content_type},
          {"bytes", answer->bytes},
          {"text", answer->start},
          {"base64", to_base64(answer->start)}};
}

Result<Answer> created(const Command& command, Time now) {
  Answer made = answer(201, shown(command, now));
  made.headers.emplace_back("Location", path_of(command));
  return made;
}

// The deferred answer to what is durable now.
commands::Desk::Done answering(const Call& call, Result<Answer> (*told)(const Command&, Time)) {
  return [finish = call.finish, &clock = call.house.clock, told](const Result<Command>& result) {
    if (!result) return finish(result.error());
    finish(told(*result, clock.now()));
  };
}

std::string giver(const Caller& caller) {
  return caller.user.empty() ? caller.title : caller.user;
}

// There is room again when the first of those given is a day old.
Answer given_enough(std::string sentence, const commands::Given& given, Time now) {
  const auto wait_s =
      std::chrono::ceil<std::chrono::seconds>(given.first_at + commands::Tally::span - now).count();
  Answer answer = Answer::refused(429, std::move(sentence));
  answer.headers.emplace_back("Retry-After", std::to_string(std::max(wait_s, std::int64_t{1})));
  return answer;
}

// The refusal when there are too many of them, with this one; nullopt when there are not.
Result<std::optional<Answer>> refused_by_count(const Call& call, const std::string& device,
                                               std::uint64_t payload_bytes) {
  const auto open = call.house.commands.count_open(call.company, device);
  if (!open) return open.error();
  if (*open >= call.options.device_commands_max) {
    return std::optional{Answer::refused(
        409, fmt::format("{} commands wait for the device \"{}\", the limit: withdraw one, or wait "
                         "until the device has taken one or its time is over.",
                         *open, device))};
  }
  const Time now = call.house.clock.now();
  const std::uint64_t most = call.options.company_commands_max;
  const std::uint64_t bytes_most = call.options.company_command_bytes_max;
  const auto given = call.house.commands.given(call.company);
  if (!given) return given.error();
  if (given->commands >= most) {
    return std::optional{given_enough(
        fmt::format("The company has given {} commands in the last 24 hours, the limit: wait until "
                    "the first of them is a day old.",
                    most),
        *given, now)};
  }
  if (given->payload_bytes + payload_bytes > bytes_most) {
    return std::optional{given_enough(
        fmt::format("The company has given commands of {} bytes in the last 24 hours, and with the "
                    "{} of this one they would be over the limit of {}: wait until the first of "
                    "them is a day old.",
                    given->payload_bytes, payload_bytes, bytes_most),
        *given, now)};
  }
  return std::optional<Answer>{};
}

// What the key gave before, also before this process began; nullopt when it is new.
Result<std::optional<Answer>> given_before(const Call& call) {
  if (call.repeat_key.empty()) return std::optional<Answer>{};
  const Time now = call.house.clock.now();
  const auto found = call.house.commands.find_repeated(call.repeat_key, now - day);
  if (!found) return found.error();
  if (!*found) return std::optional<Answer>{};
  if ((*found)->request != call.repeat_request) return std::optional{key_reused()};
  call.options.meters.repeats.add();
  auto again = created((*found)->command, now);
  if (!again) return again.error();
  again->headers.emplace_back("Idempotency-Replayed", "true");
  return std::optional{*std::move(again)};
}

Result<Command> command_of(const Call& call) {
  const auto device = device_of(call, call.parameters[0]);
  if (!device) return device.error();
  auto found = call.house.commands.find(call.company, (*device)->name, call.parameters[1]);
  if (!found) return found.error();
  if (*found) return **std::move(found);
  return Error{Outcome::not_found,
               "There is no such command: GET /api/v1/devices/{device}/commands lists those that "
               "exist; they are kept for 30 days."};
}

// Why it cannot be withdrawn; empty when it can.
std::string_view too_late(State state) {
  switch (state) {
    case State::waiting:
    case State::sent:
    case State::withdrawn: return "";
    case State::given:
      return "The command has left already, and is not sent again: the device may have it.";
    case State::acknowledged:
      return "The device has this command already: send another one that undoes it.";
    case State::refused: return "The device has refused this command: it is not sent again.";
    case State::answered:
      return "The device has answered this command already: send another one that undoes it.";
    case State::expired: return "The time of this command is over: it is not sent any more.";
  }
  return "";
}

}  // namespace

Result<Answer> list_commands(Call& call) {
  const auto device = device_of(call, call.parameters[0]);
  if (!device) return device.error();
  const auto limit = limit_of(call);
  if (!limit) return limit.error();
  const auto after = cursor_of(call);
  if (!after) return after.error();
  auto found = call.house.commands.list(call.company, (*device)->name, *after, *limit + 1);
  if (!found && found.error().outcome == Outcome::not_found) return damaged_cursor();
  if (!found) return found.error();
  std::string next;
  if (found->size() > *limit) {
    found->resize(*limit);
    next = found->back().id;
  }
  Json items = Json::array();
  for (const Command& command : *found) {
    Json item = shown(command, call.house.clock.now());
    item.set("payload_start", beginning_of(command));
    items.push_back(item);
  }
  return answer(200, {{"items", items}, {"next", next_of(next)}});
}

Result<Answer> send_command(Call& call) {
  const auto device = device_of(call, call.parameters[0]);
  if (!device) return device.error();
  Body body(call.request.body);
  bool is_json = false;
  commands::Order order;
  order.payload = body.payload("payload", is_json);
  const std::uint32_t wait_s = body.count_or("expires_in_s", wait_s_max);
  if (const auto fault = body.fault()) return *fault;
  if (wait_s < 1 || wait_s > wait_s_max) {
    return Answer::refused(
        422, fmt::format("\"expires_in_s\" is {}: a command may wait from 1 to {} seconds, because "
                         "it is kept for a device for a day. Give it again later.",
                         wait_s, wait_s_max));
  }
  auto before = given_before(call);
  if (!before) return before.error();
  if (*before) return **std::move(before);
  auto refused = refused_by_count(call, (*device)->name, order.payload.size());
  if (!refused) return refused.error();
  if (*refused) return **std::move(refused);
  order.company = call.company;
  order.device = (*device)->name;
  order.content_type = is_json ? "application/json" : "text/plain";
  order.given_by = giver(call.caller);
  order.wait = std::chrono::seconds{wait_s};
  order.repeat_key = call.repeat_key;
  order.repeat_request = call.repeat_request;
  const auto given = call.house.commands.give(order, answering(call, created));
  if (!given) return given.error();
  return Answer::deferred();
}

Result<Answer> show_command(Call& call) {
  const auto command = command_of(call);
  if (!command) return command.error();
  Json json = shown(*command, call.house.clock.now());
  json.set("payload", command->payload);
  json.set("answer", shown(command->answer));
  return answer(200, json);
}

Result<Answer> withdraw_command(Call& call) {
  const auto command = command_of(call);
  if (!command) return command.error();
  const std::string_view late = too_late(state_of(*command, call.house.clock.now()));
  if (!late.empty()) return Error{Outcome::conflict, std::string(late)};
  const auto told = [](const Command& withdrawn, Time now) -> Result<Answer> {
    return answer(200, shown(withdrawn, now));
  };
  const auto done = call.house.commands.withdraw(*command, answering(call, told));
  if (!done) return done.error();
  return Answer::deferred();
}

}  // namespace cauce::api
