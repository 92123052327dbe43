#include "datasets/open_table.h"

#include <cstring>

#include "datasets/csv/transcode.h"
#include "datasets/json_rows.h"
#include "datasets/parquet_rows.h"
#include "datasets/xlsx_rows.h"

namespace cauce::datasets {

namespace {

Result<std::string> read_beginning(const OpenSource& open) {
  Result<std::unique_ptr<ByteSource>> source = open();
  if (!source) return source.error();
  std::string beginning(4096, '\0');
  const Result<std::size_t> bytes = read_fully(**source, beginning.data(), beginning.size());
  if (!bytes) return bytes.error();
  beginning.resize(*bytes);
  return beginning;
}

// The first byte of JSON, { or [ of an array of objects; 0: this is no JSON. A CSV that begins so
// has no '"' or '{' next.
char json_beginning(std::string_view beginning) {
  if (beginning.starts_with("\xEF\xBB\xBF")) beginning.remove_prefix(3);
  const auto skip_white = [&] {
    const std::size_t first = beginning.find_first_not_of(" \t\r\n");
    beginning.remove_prefix(std::min(first, beginning.size()));
  };
  skip_white();
  if (beginning.empty() || (beginning[0] != '{' && beginning[0] != '[')) return 0;
  const char first = beginning[0];
  beginning.remove_prefix(1);
  skip_white();
  if (beginning.empty()) return 0;
  const std::string_view next = first == '{' ? "\"}" : "{]";
  return next.find(beginning[0]) != std::string_view::npos ? first : 0;
}

}  // namespace

Result<std::unique_ptr<FileTable>> open_table(const std::filesystem::path& file,
                                              const TableOptions& options, Report* failure) {
  OpenSource open = [file] { return open_file_source(file); };
  Result<std::string> beginning = read_beginning(open);
  if (!beginning) return beginning.error();
  if (beginning->starts_with("PAR1")) {
    return open_parquet(file, options.csv, options.parquet_memory_bytes_max, failure);
  }
  if (beginning->starts_with("PK\x03\x04")) return open_xlsx(file, options.csv, failure);
  const packing::Packing kind = packing::detect_packing(*beginning);
  if (kind != packing::Packing::none) {
    open = [file, kind, limits = options.unpack]() -> Result<std::unique_ptr<ByteSource>> {
      Result<std::unique_ptr<ByteSource>> source = open_file_source(file);
      if (!source) return source.error();
      return unpacked(std::move(*source), kind, limits);
    };
    beginning = read_beginning(open);
    if (!beginning) return beginning.error();
  }
  const char json = json_beginning(*beginning);
  if (json == 0) return csv::open_csv(open, options.csv, failure);
  const auto without_mark = [open]() -> Result<std::unique_ptr<ByteSource>> {
    Result<std::unique_ptr<ByteSource>> source = open();
    if (!source) return source.error();
    return csv::to_utf8(std::move(*source), csv::Encoding::utf8);
  };
  return open_json(without_mark, json == '[', options.csv, failure);
}

}  // namespace cauce::datasets
