// The parts of the standard library that most files use, compiled once for all rooms. No file may
// rely on it: each includes what it uses, and the tidy preset builds without it.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>
