// Any bytes as the JSON body of a request, read as the handlers read theirs: it ends, it answers
// with a sentence that is short, and it takes nothing that an independent reading refuses.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "api/body.h"
#include "base/invariant.h"

namespace {

constexpr std::size_t objects_max = 8;

std::optional<cauce::Error> read(cauce::api::Body& body) {
  body.text("name");
  body.text_or("title", "none");
  body.optional_text("site");
  body.optional_boolean("encrypted");
  INVARIANT(std::isfinite(body.number("raise_at")));
  INVARIANT(std::isfinite(body.number_or("clear_at", 1)));
  body.count_or("count", 3);
  if (auto limits = body.optional_object("limits")) {
    std::optional<std::uint64_t> value;
    limits->change_count("in_flight", value, 1000);
    INVARIANT(!value || (*value >= 1 && *value <= 1000));
    body.take(limits->fault());
  }
  bool is_json = false;
  body.payload("payload", is_json);
  auto inner = body.objects("metrics", objects_max);
  INVARIANT(inner.size() <= objects_max);
  for (cauce::api::Body& object : inner) {
    object.text("source");
    object.number_or("scale", 1);
    body.take(object.fault());
  }
  return body.fault();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace cauce;
  const BytesView text{reinterpret_cast<const char*>(bytes), size};
  api::Body body{text};
  const std::optional<Error> fault = read(body);
  if (fault) {
    INVARIANT(fault->outcome == Outcome::invalid);
    INVARIANT(!fault->message.empty() && fault->message.size() <= 512);
    return 0;
  }
  const nlohmann::json parsed = nlohmann::json::parse(text, nullptr, false);
  INVARIANT(parsed.is_object() && parsed.at("name").is_string());
  INVARIANT(parsed.at("raise_at").is_number() && parsed.contains("payload"));
  return 0;
}
