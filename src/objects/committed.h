// What of a set of objects counts: for whoever copies the set as a whole.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "objects/manifest.h"
#include "objects/objects.h"

namespace cauce::objects {

// The keys of entries and the objects they name never change and never go, so they can be copied
// at leisure: copied whole, they are the set as it was when this was read.
struct Committed {
  std::vector<std::string> entries;  // keys, oldest first
  std::vector<ManifestObject> objects;
};

// Reads the manifest of `prefix`, beside its writer. `corrupt` as Manifest says.
Result<Committed> read_committed(Objects& objects, const std::string& prefix);

// The sets that there are: every prefix below which a manifest was begun.
Result<std::vector<std::string>> manifest_prefixes(Objects& objects);

}  // namespace cauce::objects
