// The Appender that fills DuckDB's vectors in place. Only for table/.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "table/handles.h"
#include "table/table.h"

namespace cauce::table {

class ChunkAppender final : public Appender {
 public:
  static Result<std::unique_ptr<Appender>> open(duckdb_connection connection,
                                                std::string_view table);

  void boolean(bool value) override;
  void integer(std::int64_t value) override;
  void real(double value) override;
  void text(std::string_view value) override;
  void blob(BytesView value) override;
  void time(Time value) override;
  void null() override;
  void end_row() override;
  Result<void> finish() override;

 private:
  struct Lane {
    duckdb_type type;
    duckdb_vector vector = nullptr;
    void* values = nullptr;
    std::uint64_t* validity = nullptr;
  };

  ChunkAppender(AppenderHandle appender, std::vector<Lane> lanes, Chunk chunk);

  Lane& next_lane();
  template <class T>
  void set(Lane& lane, T value);
  void set_bytes(Lane& lane, BytesView value);
  void take_vectors();
  void flush();

  AppenderHandle appender_;
  std::vector<Lane> lanes_;
  Chunk chunk_;
  std::size_t lane_ = 0;
  idx_t row_ = 0;
  std::size_t bytes_ = 0;  // of texts and blobs in the chunk
  bool finished_ = false;
  std::optional<Error> failure_;  // the first one; rows after it go nowhere
};

}  // namespace cauce::table
