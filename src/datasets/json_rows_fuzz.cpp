// Any bytes as JSON rows: what is answered must not depend on the pieces in which the bytes come,
// every object of JSON Lines is one row, and nothing that nests deeply costs the stack. The first
// byte says whether it is an array, the second how long the pieces are.
#include "datasets/json_rows.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace cauce::datasets {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

class InPieces final : public ByteSource {
 public:
  InPieces(std::string_view text, std::size_t piece_bytes)
      : text_(text), piece_bytes_(piece_bytes) {}

  Result<std::size_t> read(char* target, std::size_t bytes_max) override {
    const std::size_t bytes = std::min({bytes_max, piece_bytes_, text_.size()});
    if (bytes > 0) std::memcpy(target, text_.data(), bytes);
    text_.remove_prefix(bytes);
    return bytes;
  }

 private:
  std::string_view text_;
  const std::size_t piece_bytes_;
};

struct Told {
  std::string cells;
  std::size_t rows = 0;

  bool operator==(const Told&) const = default;
};

// Nothing: it is refused.
std::optional<Told> read(std::string_view text, bool is_array, std::size_t piece_bytes) {
  const auto open = [&]() -> Result<std::unique_ptr<ByteSource>> {
    return std::unique_ptr<ByteSource>(std::make_unique<InPieces>(text, piece_bytes));
  };
  const auto table = open_json(open, is_array, {}, nullptr);
  if (!table) return std::nullopt;
  for (int scans = 0;; ++scans) {
    require(scans < 4);
    Told told;
    std::vector<columns::Wanted> wanted;
    for (std::size_t column = 0; column < (*table)->schema().size(); ++column) {
      wanted.push_back({column, columns::Cell::text});
    }
    const auto scan = (*table)->scan(wanted);
    if (!scan) return std::nullopt;
    columns::Block block;
    auto step = (*scan)->next(block);
    for (; step && *step == columns::Step::rows; step = (*scan)->next(block)) {
      told.rows += block.rows;
      for (const columns::Lane& lane : block.lanes) {
        for (const std::string_view cell : lane.texts) {
          told.cells += cell.data() == nullptr ? "\x1E" : std::string(cell) + '\x1F';
        }
      }
    }
    if (!step) return std::nullopt;
    if (*step == columns::Step::end) return told;
  }
}

// How many objects the lines hold; nothing when one of them holds something else.
std::optional<std::size_t> objects_in(std::string_view text) {
  std::size_t objects = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object()) return std::nullopt;
    ++objects;
  }
  return objects;
}

}  // namespace
}  // namespace cauce::datasets

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  using namespace cauce::datasets;
  if (count < 2) return 0;
  const std::string_view text{reinterpret_cast<const char*>(bytes) + 2, count - 2};
  const bool is_array = (bytes[0] & 1) != 0;
  const auto told = read(text, is_array, text.size() + 1);
  require(told == read(text, is_array, 1 + bytes[1] % 16));
  if (told && !is_array) {
    const auto objects = objects_in(text);
    require(objects && *objects == told->rows);
  }
  return 0;
}
