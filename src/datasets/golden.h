// Where the golden numbers of tests lie: ../shared/data beside the repository. Only for tests.
#pragma once

#include <filesystem>

namespace cauce::datasets {

// The folder charts/ there; it need not exist: then the test is skipped, visibly. Tests run in the
// build folder of a preset, or in the repository.
inline std::filesystem::path golden_charts() {
  std::filesystem::path folder = std::filesystem::current_path();
  while (folder.has_relative_path() && !std::filesystem::exists(folder / "src" / "floors.txt")) {
    folder = folder.parent_path();
  }
  return folder.parent_path() / "shared" / "data" / "charts";
}

}  // namespace cauce::datasets
