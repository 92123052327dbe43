#include "table/result_cursor.h"

namespace cauce::table {

namespace {

class ResultCursor final : public Cursor {
 public:
  ResultCursor(Prepared prepared, std::unique_ptr<QueryResult> result, std::string sql)
      : prepared_(std::move(prepared)), result_(std::move(result)), sql_(std::move(sql)) {
    for (idx_t index = 0; index < duckdb().column_count(result_->get()); ++index) {
      types_.emplace_back(duckdb().column_logical_type(result_->get(), index));
      columns_.push_back({duckdb().column_name(result_->get(), index),
                          nearest_type(duckdb().get_type_id(types_.back().get()))});
    }
  }

  const std::vector<Column>& columns() const override { return columns_; }

  Result<bool> next(std::vector<std::string>& texts, std::vector<bool>& nulls) override {
    if (row_ == rows_) {
      chunk_ = Chunk{duckdb().fetch_chunk(*result_->get())};
      if (result_->failed()) return result_->error(sql_);
      row_ = 0;
      rows_ = chunk_.get() == nullptr ? 0 : duckdb().data_chunk_get_size(chunk_.get());
      if (rows_ == 0) return false;
    }
    texts.resize(types_.size());
    nulls.resize(types_.size());
    for (idx_t column = 0; column < types_.size(); ++column) {
      texts[column].clear();
      const Result<bool> present = append_text(duckdb().data_chunk_get_vector(chunk_.get(), column),
                                               types_[column].get(), row_, texts[column]);
      if (!present) return present.error();
      nulls[column] = !*present;
    }
    ++row_;
    return true;
  }

 private:
  const Prepared prepared_;
  const std::unique_ptr<QueryResult> result_;
  const std::string sql_;
  std::vector<Column> columns_;
  std::vector<LogicalType> types_;
  Chunk chunk_;
  idx_t row_ = 0;
  idx_t rows_ = 0;  // in the chunk
};

}  // namespace

std::unique_ptr<Cursor> open_result_cursor(Prepared prepared, std::unique_ptr<QueryResult> result,
                                           std::string sql) {
  return std::make_unique<ResultCursor>(std::move(prepared), std::move(result), std::move(sql));
}

}  // namespace cauce::table
