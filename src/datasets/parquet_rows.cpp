#include "datasets/parquet_rows.h"

#include "table/table.h"

namespace cauce::datasets {

namespace {

// DuckDB reads patterns in names of files; a bracket makes each special letter stand for itself.
std::string literal_name(const std::string& name) {
  std::string literal;
  for (const char letter : name) {
    if (letter == '*' || letter == '?' || letter == '[') {
      (literal += '[') += letter;
      literal += ']';
    } else {
      literal += letter;
    }
  }
  return literal;
}

class ParquetTextRows final : public TextRows {
 public:
  ParquetTextRows(std::unique_ptr<table::Engine> engine, std::unique_ptr<table::Cursor> cursor)
      : engine_(std::move(engine)), cursor_(std::move(cursor)) {}

  const std::vector<table::Column>& columns() const { return cursor_->columns(); }

  Result<bool> next(TextRow& row) override {
    row.number = number_++;
    row.cells.clear();
    if (row.number == 0) {
      for (const table::Column& column : columns())
        row.cells.emplace_back(column.name);
      return true;
    }
    const Result<bool> more = cursor_->next(texts_, nulls_);
    if (!more || !*more) return more;
    for (std::size_t cell = 0; cell < texts_.size(); ++cell) {
      row.cells.push_back(nulls_[cell] ? std::nullopt : std::optional(texts_[cell]));
    }
    return true;
  }

 private:
  const std::unique_ptr<table::Engine> engine_;
  const std::unique_ptr<table::Cursor> cursor_;
  std::vector<std::string> texts_;
  std::vector<bool> nulls_;
  std::uint64_t number_ = 0;
};

Result<std::unique_ptr<table::Engine>> open_engine(std::size_t memory_bytes_max) {
  return table::Engine::open({.memory_bytes_max = memory_bytes_max, .temporary_directory = {}});
}

std::string select_all(const std::filesystem::path& file) {
  const std::string name = literal_name(std::filesystem::absolute(file).string());
  return "SELECT * FROM read_parquet(" + table::quote_text(name) + ", hive_partitioning = false)";
}

Result<std::unique_ptr<TextRows>> open_rows(const std::filesystem::path& file,
                                            std::size_t memory_bytes_max) {
  Result<std::unique_ptr<table::Engine>> engine = open_engine(memory_bytes_max);
  if (!engine) return engine.error();
  Result<std::unique_ptr<table::Cursor>> cursor = (*engine)->open_cursor(select_all(file));
  if (!cursor) return cursor.error();
  return std::unique_ptr<TextRows>(
      std::make_unique<ParquetTextRows>(std::move(*engine), std::move(*cursor)));
}

// By column: what it holds is text, or comes as one that means nothing else.
Result<std::vector<bool>> find_texts(const std::filesystem::path& file,
                                     std::size_t memory_bytes_max) {
  constexpr std::size_t columns_max = 100'000;  // the reader of rows has its own, lower limit
  const Result<std::unique_ptr<table::Engine>> engine = open_engine(memory_bytes_max);
  if (!engine) return engine.error();
  const Result<table::Answer> described =
      (*engine)->query("DESCRIBE " + select_all(file), columns_max);
  if (!described) return Error{Outcome::invalid, described.error().message};
  std::vector<bool> texts;
  for (const std::vector<std::string>& column : described->rows) {
    const std::string_view type = column[1];
    const bool is_other = type == "DATE" || type == "BOOLEAN" || type == "FLOAT" ||
                          type == "DOUBLE" || type.starts_with("TIMESTAMP") ||
                          type.starts_with("DECIMAL") || type.ends_with("INT") ||
                          type == "INTEGER" || type == "UINTEGER";
    texts.push_back(!is_other);
  }
  return texts;
}

}  // namespace

Result<std::unique_ptr<FileTable>> open_parquet(const std::filesystem::path& file,
                                                const csv::CsvOptions& options,
                                                std::size_t memory_bytes_max, Report* failure) {
  const Result<std::vector<bool>> texts = find_texts(file, memory_bytes_max);
  if (!texts) return texts.error();
  return open_text_rows(
      [file, memory_bytes_max] { return open_rows(file, memory_bytes_max); }, options,
      {.format = "Parquet", .place = "row", .header_number = 0, .texts = *texts}, failure);
}

}  // namespace cauce::datasets
