// The files of committed objects, and views over them. Inside this room only.
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>
#include <vector>

#include "objects/manifest.h"
#include "table/table.h"

namespace cauce::warehouse {

using Wanted = std::function<bool(const objects::ManifestObject&)>;

// Of the objects that `wanted` chooses. `corrupt` when one is committed and missing, naming it.
Result<std::vector<std::filesystem::path>> committed_files(objects::Objects& objects,
                                                           std::string_view prefix,
                                                           const Wanted& wanted);

// The views `facts_raw` over these files, and `facts` over that (query.h).
Result<void> make_fact_views(table::Engine& engine,
                             const std::vector<std::filesystem::path>& files);

// The four views of dimensions.h.
Result<void> make_dimension_views(table::Engine& engine, objects::Objects& objects);

}  // namespace cauce::warehouse
