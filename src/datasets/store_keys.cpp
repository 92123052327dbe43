#include "datasets/store_keys.h"

#include <fmt/core.h>

#include "datasets/store_json.h"

namespace cauce::datasets {
namespace {

constexpr std::string_view note_name = "set.json";

}  // namespace

std::string folder_of(std::string_view company, std::string_view id) {
  return fmt::format("{}{}/{}/", sets_prefix, company, id);
}

std::string note_key(std::string_view company, std::string_view id) {
  return fmt::format("{}{}", folder_of(company, id), note_name);
}

bool is_note_key(std::string_view key) {
  return key.ends_with(fmt::format("/{}", note_name));
}

std::string file_key(std::string_view company, const DataSet& set, const Version& version) {
  return fmt::format("{}{}{}", folder_of(company, set.id), version.number, version.suffix);
}

std::string summary_key(std::string_view company, const DataSet& set, const Version& version) {
  return fmt::format("{}{}.summary.json", folder_of(company, set.id), version.number);
}

// Two dots: the suffix of an uploaded file has one.
std::string columns_key(std::string_view company, const DataSet& set, const Version& version) {
  return fmt::format("{}{}.typed.columns", folder_of(company, set.id), version.number);
}

Result<OwnedSet> owned_set(std::string_view key, BytesView note) {
  auto set = set_from_json(note);
  if (!set) return set.error();
  const std::string_view path = key.substr(sets_prefix.size());
  OwnedSet owned{std::string(path.substr(0, path.find('/'))), std::move(*set)};
  if (note_key(owned.company, owned.set.id) != key)
    return Error{Outcome::corrupt, "it is about another data set"};
  return owned;
}

}  // namespace cauce::datasets
