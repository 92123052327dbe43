#include "table/chunk_appender.h"

#include <limits>

#include "table/utf8.h"

namespace cauce::table {
namespace {

// A chunk is handed over before its rows are full when they hold this much: 2048 payloads of 1 MiB
// would be 2 GiB.
constexpr std::size_t chunk_bytes_max = 4u << 20;

}  // namespace

Result<std::unique_ptr<Appender>> ChunkAppender::open(duckdb_connection connection,
                                                      std::string_view table) {
  const std::string name{table};
  AppenderHandle appender;
  if (duckdb().appender_create(connection, nullptr, name.c_str(), appender.target()) ==
      DuckDBError) {
    const char* message = duckdb().appender_error(appender.get());
    return duckdb_error(message == nullptr ? "" : message, table);
  }
  std::vector<LogicalType> types;
  std::vector<duckdb_logical_type> handles;
  std::vector<Lane> lanes;
  for (idx_t index = 0; index < duckdb().appender_column_count(appender.get()); ++index) {
    types.emplace_back(duckdb().appender_column_type(appender.get(), index));
    handles.push_back(types.back().get());
    lanes.push_back({.type = duckdb().get_type_id(types.back().get())});
  }
  Chunk chunk{duckdb().create_data_chunk(handles.data(), handles.size())};
  std::unique_ptr<ChunkAppender> made(
      new ChunkAppender(std::move(appender), std::move(lanes), std::move(chunk)));
  made->take_vectors();
  return std::unique_ptr<Appender>(std::move(made));
}

ChunkAppender::ChunkAppender(AppenderHandle appender, std::vector<Lane> lanes, Chunk chunk)
    : appender_(std::move(appender)), lanes_(std::move(lanes)), chunk_(std::move(chunk)) {}

void ChunkAppender::take_vectors() {
  for (std::size_t index = 0; index < lanes_.size(); ++index) {
    Lane& lane = lanes_[index];
    lane.vector = duckdb().data_chunk_get_vector(chunk_.get(), index);
    lane.values = duckdb().vector_get_data(lane.vector);
    duckdb().vector_ensure_validity_writable(lane.vector);
    lane.validity = duckdb().vector_get_validity(lane.vector);
  }
}

ChunkAppender::Lane& ChunkAppender::next_lane() {
  INVARIANT(lane_ < lanes_.size());
  return lanes_[lane_++];
}

template <class T>
void ChunkAppender::set(Lane& lane, T value) {
  static_cast<T*>(lane.values)[row_] = value;
}

void ChunkAppender::set_bytes(Lane& lane, BytesView value) {
  duckdb().vector_assign_string_element_len(lane.vector, row_, value.data(), value.size());
  bytes_ += value.size();
}

void ChunkAppender::boolean(bool value) {
  Lane& lane = next_lane();
  INVARIANT(lane.type == DUCKDB_TYPE_BOOLEAN);
  set(lane, value);
}

void ChunkAppender::integer(std::int64_t value) {
  Lane& lane = next_lane();
  switch (lane.type) {
    case DUCKDB_TYPE_INTEGER:
      INVARIANT(value >= std::numeric_limits<std::int32_t>::min());
      INVARIANT(value <= std::numeric_limits<std::int32_t>::max());
      return set(lane, static_cast<std::int32_t>(value));
    case DUCKDB_TYPE_UINTEGER:
      INVARIANT(value >= 0 && value <= std::numeric_limits<std::uint32_t>::max());
      return set(lane, static_cast<std::uint32_t>(value));
    case DUCKDB_TYPE_UBIGINT:
      INVARIANT(value >= 0);
      return set(lane, static_cast<std::uint64_t>(value));
    default: INVARIANT(lane.type == DUCKDB_TYPE_BIGINT); return set(lane, value);
  }
}

void ChunkAppender::real(double value) {
  Lane& lane = next_lane();
  INVARIANT(lane.type == DUCKDB_TYPE_DOUBLE);
  set(lane, value);
}

void ChunkAppender::text(std::string_view value) {
  Lane& lane = next_lane();
  INVARIANT(lane.type == DUCKDB_TYPE_VARCHAR);
  if (is_utf8(value)) return set_bytes(lane, value);
  set_bytes(lane, to_utf8(value));
}

void ChunkAppender::blob(BytesView value) {
  Lane& lane = next_lane();
  INVARIANT(lane.type == DUCKDB_TYPE_BLOB);
  set_bytes(lane, value);
}

void ChunkAppender::time(Time value) {
  Lane& lane = next_lane();
  INVARIANT(lane.type == DUCKDB_TYPE_TIMESTAMP);
  set(lane, to_microseconds(value));
}

void ChunkAppender::null() {
  duckdb().validity_set_row_invalid(next_lane().validity, row_);
}

void ChunkAppender::end_row() {
  INVARIANT(lane_ == lanes_.size());
  INVARIANT(!finished_);
  lane_ = 0;
  ++row_;
  if (row_ == duckdb().vector_size() || bytes_ >= chunk_bytes_max) flush();
}

void ChunkAppender::flush() {
  duckdb().data_chunk_set_size(chunk_.get(), row_);
  if (!failure_ && row_ > 0 &&
      duckdb().append_data_chunk(appender_.get(), chunk_.get()) == DuckDBError) {
    const char* message = duckdb().appender_error(appender_.get());
    failure_ = duckdb_error(message == nullptr ? "" : message, {});
  }
  duckdb().data_chunk_reset(chunk_.get());
  row_ = 0;
  bytes_ = 0;
  take_vectors();
}

Result<void> ChunkAppender::finish() {
  INVARIANT(lane_ == 0 && !finished_);
  flush();
  finished_ = true;
  if (!failure_ && duckdb().appender_close(appender_.get()) == DuckDBError) {
    const char* message = duckdb().appender_error(appender_.get());
    failure_ = duckdb_error(message == nullptr ? "" : message, {});
  }
  if (failure_) return *failure_;
  return {};
}

}  // namespace cauce::table
