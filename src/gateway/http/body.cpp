#include "gateway/http/body.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "crypto/crypto.h"
#include "gateway/http/json_scan.h"
#include "gateway/mqtt/utf8.h"

namespace cauce::gateway::http {
namespace {

constexpr std::string_view lines_type = "application/x-ndjson";
constexpr std::string_view batch_type = "application/vnd.cauce.batch+json";
constexpr std::string_view json_type = "application/json";

// Of a name that somebody sent, so much is shown.
constexpr std::size_t shown_bytes_max = 64;

constexpr int bad_request = 400;
constexpr int too_large = 413;

// "Application/JSON; charset=utf-8" is application/json.
std::string media_type(std::string_view content_type) {
  std::string type(content_type.substr(0, content_type.find(';')));
  while (!type.empty() && type.back() == ' ')
    type.pop_back();
  for (char& letter : type)
    letter = char(std::tolower(static_cast<unsigned char>(letter)));
  return type;
}

Refusal over_messages(std::size_t messages_max) {
  return {too_large,
          fmt::format("The body has more than {} messages: send it in parts.", messages_max)};
}

}  // namespace

std::optional<Refusal> check_payload(std::string_view place, BytesView payload,
                                     const PayloadLimit& limit) {
  if (payload.size() <= limit.bytes_max) return std::nullopt;
  return Refusal{too_large,
                 fmt::format("{} has {} bytes, {}.", place, payload.size(), limit.text()), true};
}

// Reads a batch: all of it or nothing.
class BatchReader {
 public:
  BatchReader(std::string_view text, std::string_view topic, const BodyLimits& limits, Body& body)
      : text_(text), scan_(text), topic_(topic), limits_(limits), body_(body) {}

  std::optional<Refusal> read();

 private:
  struct Members {
    std::optional<std::string_view> payload;
    std::optional<std::string_view> payload_base64;
    std::optional<std::string_view> content_type;
  };

  std::optional<Refusal> read_messages();
  std::optional<Refusal> read_message();
  std::optional<Refusal> read_member(Members& members);
  std::optional<Refusal> keep(const Members& members);
  Refusal malformed(std::string_view why) const {
    return {bad_request, scan_.malformed(why).message + "."};
  }
  Refusal refuse(std::string_view what) const {
    return {bad_request, fmt::format("{}: {}.", place(), what)};
  }
  std::string place() const { return fmt::format("messages[{}]", body_.messages_.size()); }

  std::string_view text_;
  JsonScan scan_;
  std::string_view topic_;
  const BodyLimits& limits_;
  Body& body_;
};

std::optional<Refusal> BatchReader::read() {
  if (!mqtt::is_utf8_string(text_)) return Refusal{bad_request, "The body is not UTF-8."};
  const Refusal shape{
      bad_request, "A batch is {\"messages\": [{\"payload\": …}, {\"payload_base64\": \"…\"}]}."};
  if (!scan_.take('{')) return shape;
  const auto name = scan_.string();
  if (!name || *name != "messages" || !scan_.take(':') || !scan_.take('[')) return shape;
  if (auto refused = read_messages()) return refused;
  if (!scan_.take('}')) return malformed("\"messages\" is its only member");
  if (!scan_.at_end()) return malformed("something follows after its end");
  return std::nullopt;
}

std::optional<Refusal> BatchReader::read_messages() {
  if (scan_.take(']')) return Refusal{bad_request, "The batch has no messages."};
  do {
    if (body_.messages_.size() == limits_.messages_max) return over_messages(limits_.messages_max);
    if (auto refused = read_message()) return refused;
  } while (scan_.take(','));
  if (!scan_.take(']')) return malformed("a comma or a closing bracket is missing");
  return std::nullopt;
}

std::optional<Refusal> BatchReader::read_message() {
  if (!scan_.take('{')) return refuse("it is not an object");
  Members members;
  if (!scan_.take('}')) {
    do {
      if (auto refused = read_member(members)) return refused;
    } while (scan_.take(','));
    if (!scan_.take('}')) return malformed("a comma or a closing bracket is missing");
  }
  return keep(members);
}

std::optional<Refusal> BatchReader::read_member(Members& members) {
  const auto name = scan_.string();
  if (!name) return Refusal{bad_request, name.error().message + "."};
  if (!scan_.take(':')) return malformed("a colon is missing");
  std::optional<std::string_view>* member = nullptr;
  if (*name == "payload") member = &members.payload;
  if (*name == "payload_base64") member = &members.payload_base64;
  if (*name == "content_type") member = &members.content_type;
  if (member == nullptr) {
    return refuse(fmt::format(
        "\"{}\" is not known here; payload, payload_base64 and content_type "
        "are",
        mqtt::is_utf8_string(name->substr(0, shown_bytes_max)) ? name->substr(0, shown_bytes_max)
                                                               : std::string_view("that name")));
  }
  if (member->has_value()) return refuse(fmt::format("\"{}\" stands there twice", *name));
  const auto value = member == &members.payload ? scan_.value() : scan_.string();
  if (!value) return Refusal{bad_request, value.error().message + "."};
  *member = *value;
  return std::nullopt;
}

std::optional<Refusal> BatchReader::keep(const Members& members) {
  if (members.payload.has_value() == members.payload_base64.has_value()) {
    return refuse("it needs either \"payload\" or \"payload_base64\"");
  }
  Incoming message{topic_, {}, {}};
  if (members.payload) {
    message.payload = *members.payload;
    message.content_type = json_type;
  } else {
    const auto text = printable_ascii(*members.payload_base64);
    auto bytes = text ? crypto::from_base64(*text) : Result<Bytes>(text.error());
    if (!bytes) return refuse("payload_base64: " + bytes.error().message);
    message.payload = body_.decoded_.emplace_back(*std::move(bytes));
  }
  if (message.payload.empty()) return refuse("it is empty");
  if (auto refused = check_payload(place(), message.payload, limits_.payload)) {
    return refused;
  }
  if (members.content_type) {
    auto text = printable_ascii(*members.content_type);
    if (!text) return refuse("content_type: " + text.error().message);
    if (check_content_type(*text, limits_.content_type_bytes_max)) {
      return refuse(fmt::format("content_type has {} bytes, the limit is {}", text->size(),
                                limits_.content_type_bytes_max));
    }
    message.content_type = body_.decoded_.emplace_back(*std::move(text));
  }
  body_.messages_.push_back(message);
  return std::nullopt;
}

std::optional<Refusal> check_content_type(std::string_view content_type, std::size_t bytes_max) {
  if (content_type.size() > bytes_max) {
    return Refusal{bad_request, fmt::format("Content-Type has {} bytes, the limit is {}.",
                                            content_type.size(), bytes_max)};
  }
  const bool printable = std::all_of(content_type.begin(), content_type.end(),
                                     [](char letter) { return letter >= 0x20 && letter <= 0x7E; });
  if (printable) return std::nullopt;
  return Refusal{bad_request, "Content-Type holds something other than printable ASCII."};
}

bool is_lines_type(std::string_view content_type) {
  return media_type(content_type) == lines_type;
}

std::variant<Body, Refusal> Body::read(std::string_view content_type, BytesView body,
                                       std::string_view topic, const BodyLimits& limits) {
  if (auto refused = check_content_type(content_type, limits.content_type_bytes_max)) {
    return *std::move(refused);
  }
  if (body.empty()) return Refusal{bad_request, "The body is empty: it has to be the message."};
  Body taken;
  const std::string type = media_type(content_type);
  std::optional<Refusal> refused;
  if (type == batch_type) {
    refused = BatchReader(body, topic, limits, taken).read();
  } else {
    refused = check_payload("The body", body, limits.payload);
    taken.messages_.push_back({topic, content_type, body});
  }
  if (refused) return *std::move(refused);
  return taken;
}

}  // namespace cauce::gateway::http
