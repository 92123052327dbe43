// Whatever a device sends as a batch: reading ends, keeps its own limits, and what is taken as the
// payload of a message is what a second, independent JSON parser finds there.
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/invariant.h"
#include "gateway/http/body.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace cauce;
  using gateway::http::Body;
  constexpr std::string_view batch = "application/vnd.cauce.batch+json";
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const gateway::http::BodyLimits limits{.messages_max = 50, .payload = {500}};
  const auto taken = Body::read(batch, text, "topic", limits);
  if (const auto* refused = std::get_if<gateway::http::Refusal>(&taken)) {
    INVARIANT(refused->status == 400 || refused->status == 413);
    INVARIANT(!refused->detail.empty() && refused->detail.size() <= 512);
    return 0;
  }
  const auto messages = std::get<Body>(taken).messages();
  INVARIANT(!messages.empty() && messages.size() <= limits.messages_max);
  for (const gateway::Incoming& message : messages) {
    INVARIANT(message.payload.size() <= limits.payload.bytes_max);
    INVARIANT(message.content_type.size() <= limits.content_type_bytes_max);
  }
  const auto parsed = nlohmann::json::parse(text, nullptr, false);
  if (parsed.is_discarded()) {
    // That parser refuses numbers that no double holds, such as 1e999.
    INVARIANT(text.find_first_of("eE") != text.npos || size > 300);
    return 0;
  }
  INVARIANT(parsed.is_object() && parsed["messages"].size() == messages.size());
  for (std::size_t index = 0; index < messages.size(); ++index) {
    const auto& expected = parsed["messages"][index];
    if (!expected.contains("payload")) continue;
    INVARIANT(nlohmann::json::parse(messages[index].payload, nullptr, false) ==
              expected["payload"]);
  }
  return 0;
}
