#include "datasets/store_json.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "base/json_number.h"

namespace cauce::datasets {
namespace {

using Json = nlohmann::ordered_json;

// 2: shared with its owner alone. An older cauce would show such a set to everybody: it refuses.
constexpr int format_of_company = 1;
constexpr int format_of_owner = 2;

Json json_of(const Version& version) {
  return {{"number", version.number},
          {"bytes", version.bytes},
          {"sha256", version.sha256},
          {"file_name", version.file_name},
          {"owner", version.owner},
          {"suffix", version.suffix},
          {"rows", version.rows},
          {"columns_bytes", version.columns_bytes},
          {"created_at", to_microseconds(version.created_at)}};
}

Version version_of(const Json& json) {
  Version version;
  version.number = whole<std::uint32_t>(json, "number");
  version.bytes = whole<std::uint64_t>(json, "bytes");
  version.sha256 = json.at("sha256").get<std::string>();
  version.file_name = json.at("file_name").get<std::string>();
  version.owner = json.at("owner").get<std::string>();
  version.suffix = json.at("suffix").get<std::string>();
  version.rows = whole<std::uint64_t>(json, "rows");
  if (json.contains("columns_bytes"))  // older ones have none
    version.columns_bytes = whole<std::uint64_t>(json, "columns_bytes");
  version.created_at = from_microseconds(whole<std::int64_t>(json, "created_at"));
  return version;
}

DataSet set_of(const Json& json) {
  DataSet set;
  set.id = json.at("id").get<std::string>();
  set.name = json.at("name").get<std::string>();
  set.owner = json.at("owner").get<std::string>();
  set.created_at = from_microseconds(whole<std::int64_t>(json, "created_at"));
  const Json& expires_at = json.at("expires_at");
  if (!expires_at.is_null()) set.expires_at = from_microseconds(whole<std::int64_t>(expires_at));
  for (const Json& version : json.at("versions")) {
    set.versions.push_back(version_of(version));
  }
  return set;
}

}  // namespace

Bytes to_json(const DataSet& set) {
  Json json = {{"format", set.sharing == Sharing::owner ? format_of_owner : format_of_company},
               {"id", set.id},
               {"name", set.name},
               {"owner", set.owner},
               {"created_at", to_microseconds(set.created_at)},
               {"expires_at", nullptr},
               {"versions", Json::array()}};
  if (set.expires_at) json["expires_at"] = to_microseconds(*set.expires_at);
  for (const Version& version : set.versions) {
    json["versions"].push_back(json_of(version));
  }
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<DataSet> set_from_json(BytesView text) {
  try {
    const Json json = Json::parse(text);
    const int found = whole<int>(json, "format");
    if (found != format_of_company && found != format_of_owner) {
      return Error{Outcome::unsupported,
                   fmt::format("it has format {}; this version knows {} and {}", found,
                               format_of_company, format_of_owner)};
    }
    DataSet set = set_of(json);
    if (found == format_of_owner) set.sharing = Sharing::owner;
    if (set.versions.empty()) return Error{Outcome::corrupt, "it names no version"};
    return set;
  } catch (const nlohmann::json::exception& damage) {
    return Error{Outcome::corrupt, damage.what()};
  }
}

}  // namespace cauce::datasets
