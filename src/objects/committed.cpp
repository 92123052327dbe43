#include "objects/committed.h"

namespace cauce::objects {

// The entries say which objects there are. A list of the objects that was read before them would
// miss what was committed in between, and one read after them has what is not committed yet.
Result<Committed> read_committed(Objects& objects, const std::string& prefix) {
  Manifest manifest{objects, prefix};
  if (auto read = manifest.refresh(); !read) return read.error();
  Committed committed;
  for (std::uint64_t number = 0; number < manifest.entries(); ++number) {
    committed.entries.push_back(manifest.key_of_entry(number));
  }
  committed.objects = manifest.committed();
  return committed;
}

Result<std::vector<std::string>> manifest_prefixes(Objects& objects) {
  auto listed = objects.list("");
  if (!listed) return listed.error();
  std::vector<std::string> prefixes;
  for (const Object& object : *listed) {
    const std::size_t log = object.key.rfind("/_log/");
    if (log == std::string::npos) continue;
    const std::string prefix = object.key.substr(0, log);
    if (prefixes.empty() || prefixes.back() != prefix) prefixes.push_back(prefix);
  }
  return prefixes;
}

}  // namespace cauce::objects
