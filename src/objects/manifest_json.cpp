#include "objects/manifest_json.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json_number.h"
#include "disk/crc32c.h"

namespace cauce::objects {
namespace {

using Json = nlohmann::ordered_json;

constexpr int version = 1;
constexpr std::string_view before_checksum = "{\"crc32c\":\"";
constexpr std::string_view before_entry = "\",\"entry\":";
constexpr std::size_t checksum_digits = 8;

Error corrupt(std::string_view why) {
  return {Outcome::corrupt,
          fmt::format("the manifest entry is damaged ({}); restore it from a copy", why)};
}

std::string checksum_of(BytesView body) {
  return fmt::format("{:08x}", disk::crc32c(body));
}

// The text of "entry" when frame and checksum are right. The checksum is over the very bytes, so
// it is judged before anything is parsed.
Result<BytesView> checked_body(BytesView bytes) {
  if (bytes.size() > entry_bytes_max) return corrupt("longer than any entry");
  if (!bytes.starts_with(before_checksum)) return corrupt("no checksum");
  bytes.remove_prefix(before_checksum.size());
  const BytesView checksum = bytes.substr(0, checksum_digits);
  bytes.remove_prefix(checksum.size());
  if (!bytes.starts_with(before_entry) || !bytes.ends_with('}')) return corrupt("cut short");
  bytes.remove_prefix(before_entry.size());
  bytes.remove_suffix(1);
  if (checksum != checksum_of(bytes)) return corrupt("its checksum differs");
  return bytes;
}

ManifestObject object_of(const Json& json) {
  return {.key = json.at("key").get<std::string>(),
          .rows = whole<std::uint64_t>(json, "rows"),
          .bytes = whole<std::uint64_t>(json, "bytes"),
          .labels = json.at("labels").get<std::map<std::string, std::string>>()};
}

}  // namespace

Bytes to_json(const ManifestEntry& entry) {
  Json objects = Json::array();
  for (const ManifestObject& object : entry.objects) {
    objects.push_back({{"key", object.key},
                       {"rows", object.rows},
                       {"bytes", object.bytes},
                       {"labels", object.labels}});
  }
  // A clock that is wrong by decades must not make an entry that cannot be read again.
  const Time committed_at = std::clamp(entry.committed_at, time_min, time_max - Duration{1});
  const Json json = {{"version", version},
                     {"epoch", entry.epoch},
                     {"partition", entry.partition},
                     {"from", entry.from},
                     {"to", entry.to},
                     {"committed_at", format_time(committed_at)},
                     {"objects", std::move(objects)}};
  const std::string body = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  return fmt::format("{}{}{}{}}}", before_checksum, checksum_of(body), before_entry, body);
}

Result<ManifestEntry> from_json(BytesView bytes) {
  auto body = checked_body(bytes);
  if (!body) return body.error();
  try {
    const Json json = Json::parse(*body);
    if (json.at("version") != version) {
      return Error{Outcome::unsupported,
                   fmt::format("the manifest entry has format version {}, this program reads {}; "
                               "use a newer one",
                               json.at("version").dump(), version)};
    }
    auto committed_at = parse_time(json.at("committed_at").get<std::string>());
    if (!committed_at) return corrupt(committed_at.error().message);
    ManifestEntry entry{.epoch = whole<std::uint64_t>(json, "epoch"),
                        .partition = whole<std::uint32_t>(json, "partition"),
                        .from = whole<std::uint64_t>(json, "from"),
                        .to = whole<std::uint64_t>(json, "to"),
                        .committed_at = *committed_at,
                        .objects = {}};
    for (const Json& object : json.at("objects")) {
      entry.objects.push_back(object_of(object));
    }
    if (entry.from > entry.to) return corrupt("its range runs backwards");
    // Also a number that would be rounded, a field twice or one that nobody knows.
    if (to_json(entry) != bytes) return corrupt("it is not what a program writes");
    return entry;
  } catch (const nlohmann::json::exception& exception) {
    return corrupt(exception.what());
  }
}

}  // namespace cauce::objects
