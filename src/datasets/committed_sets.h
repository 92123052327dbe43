// What of the stored data sets counts: for whoever copies or checks them beside the process that
// changes them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "datasets/store.h"
#include "objects/objects.h"

namespace cauce::datasets {

// The objects that it names never change; they go when the set is removed, after its note.
struct CommittedSet {
  std::string company;
  DataSet set;
  std::string key;  // of its set.json …
  Bytes note;       // … as it was when this was read; it may be replaced since
  struct File {
    std::string key;
    std::optional<std::uint64_t> bytes;  // nullopt: not written down
    std::string sha256;                  // hexadecimal; empty: not written down
  };
  std::vector<File> files;
};

// All sets of all companies. corrupt, unsupported: a set.json that cannot be read, named.
Result<std::vector<CommittedSet>> read_committed_sets(objects::Objects& objects);

}  // namespace cauce::datasets
