// Any bytes as a workbook: as the archive itself, or, so that more than its checksums is tried, as
// the parts in it, cut where the byte 0x01 stands, which no XML holds. Whatever is read is read the
// same twice. The first byte chooses.
#include "datasets/xlsx_rows.h"

#include <sys/mman.h>
#include <unistd.h>
#include <zip.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace cauce::datasets {
namespace {

constexpr std::array<const char*, 5> parts{"xl/workbook.xml", "xl/_rels/workbook.xml.rels",
                                           "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml",
                                           "xl/styles.xml"};

void require(bool holds) {
  if (!holds) std::abort();
}

// A file in memory, by its path.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : descriptor_(memfd_create("fuzz", 0)) {
    require(descriptor_ >= 0);
    require(::write(descriptor_, bytes.data(), bytes.size()) == ssize_t(bytes.size()));
  }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  const int descriptor_;
};

std::string archive_of(std::string_view text) {
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  zip_t* archive = zip_open_from_source(target, ZIP_TRUNCATE, nullptr);
  require(archive != nullptr);
  zip_source_keep(target);
  for (const char* part : parts) {
    const std::size_t end = std::min(text.find('\x01'), text.size());
    zip_source_t* source = zip_source_buffer(archive, text.data(), end, 0);
    const zip_int64_t index = zip_file_add(archive, part, source, ZIP_FL_OVERWRITE);
    require(index >= 0);
    zip_set_file_compression(archive, zip_uint64_t(index), ZIP_CM_STORE, 0);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  require(zip_close(archive) == 0);
  zip_stat_t status;
  require(zip_source_stat(target, &status) == 0 && zip_source_open(target) == 0);
  std::string bytes(status.size, '\0');
  require(zip_source_read(target, bytes.data(), bytes.size()) == zip_int64_t(bytes.size()));
  zip_source_close(target);
  zip_source_free(target);
  return bytes;
}

// Nothing: it is refused.
std::optional<std::string> read(const std::string& path) {
  const auto table = open_xlsx(path, {}, nullptr, {.columns_max = 64});
  if (!table) return std::nullopt;
  for (int scans = 0;; ++scans) {
    require(scans < 4);
    std::string told;
    std::vector<columns::Wanted> wanted;
    for (std::size_t column = 0; column < (*table)->schema().size(); ++column) {
      wanted.push_back({column, columns::Cell::text});
    }
    const auto scan = (*table)->scan(wanted);
    if (!scan) return std::nullopt;
    columns::Block block;
    auto step = (*scan)->next(block);
    for (; step && *step == columns::Step::rows; step = (*scan)->next(block)) {
      for (const columns::Lane& lane : block.lanes) {
        for (const std::string_view cell : lane.texts) {
          told += cell.data() == nullptr ? "\x1E" : std::string(cell) + '\x1F';
        }
      }
    }
    if (!step) return std::nullopt;
    if (*step == columns::Step::end) return told;
  }
}

}  // namespace
}  // namespace cauce::datasets

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t count) {
  using namespace cauce::datasets;
  if (count == 0) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, count - 1};
  const bool is_archive = (data[0] & 1) != 0;
  const MemoryFile file(is_archive ? std::string(bytes) : archive_of(bytes));
  require(read(file.path()) == read(file.path()));
  return 0;
}
