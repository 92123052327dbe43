// Where the objects of a data set lie (see store.h), and how its set.json is read. For the store,
// and for whoever reads beside it.
#pragma once

#include <string>
#include <string_view>

#include "datasets/store.h"

namespace cauce::datasets {

inline constexpr std::string_view sets_prefix = "datasets/";

std::string folder_of(std::string_view company, std::string_view id);  // ends with a '/'
std::string note_key(std::string_view company, std::string_view id);   // set.json
bool is_note_key(std::string_view key);
std::string file_key(std::string_view company, const DataSet& set, const Version& version);
std::string summary_key(std::string_view company, const DataSet& set, const Version& version);

std::string columns_key(std::string_view company, const DataSet& set, const Version& version);

struct OwnedSet {
  std::string company;
  DataSet set;
};
// What the set.json of this key says. corrupt, unsupported.
Result<OwnedSet> owned_set(std::string_view key, BytesView note);

}  // namespace cauce::datasets
