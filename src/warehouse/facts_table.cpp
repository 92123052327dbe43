#include "warehouse/facts_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "base/time_zone.h"
#include "columns/memory/memory.h"
#include "objects/manifest.h"
#include "warehouse/columns.h"
#include "warehouse/committed.h"

namespace cauce::warehouse {
namespace {

using columns::Cell;
using columns::Step;
using columns::Type;

constexpr Duration span_default = std::chrono::hours{24};

// A column of the table, and how it is made of those of `facts`.
struct Made {
  std::string_view name;
  Type type;
  std::string_view sql;
};
constexpr std::array<Made, 9> made_columns{
    {{"time", Type::datetime, "time"},
     {"value", Type::number, "value"},
     {"text", Type::text, "coalesce(nullif(text, ''), boolean::VARCHAR)"},
     {"device", Type::text, "device"},
     {"site", Type::text, "nullif(site, '')"},
     {"area", Type::text, "nullif(area, '')"},
     {"device_type", Type::text, "nullif(device_type, '')"},
     {"unit", Type::text, "nullif(unit, '')"},
     {"quality", Type::text, "quality"}}};

columns::Schema schema_of_facts() {
  columns::Schema schema;
  for (const Made& made : made_columns)
    schema.push_back({std::string(made.name), made.type});
  return schema;
}

class FactsScan final : public columns::Scan {
 public:
  FactsScan(std::unique_ptr<table::Cursor> cursor, const columns::Schema& schema,
            std::vector<columns::Wanted> wanted)
      : cursor_(std::move(cursor)), schema_(schema), wanted_(std::move(wanted)) {}

  Result<Step> next(columns::Block& block) override {
    block.lanes.resize(wanted_.size());
    block.rows = 0;
    texts_.resize(wanted_.size());
    for (std::size_t index = 0; index < wanted_.size(); ++index) {
      block.lanes[index].numbers.clear();
      block.lanes[index].texts.clear();
      texts_[index].resize(columns::block_rows_max);
    }
    while (block.rows < columns::block_rows_max) {
      const auto more = cursor_->next(row_, nulls_);
      if (!more) return more.error();
      if (!*more) break;
      take_row(block);
      ++block.rows;
    }
    return block.rows == 0 ? Step::end : Step::rows;
  }

 private:
  void take_row(columns::Block& block) {
    for (std::size_t index = 0; index < wanted_.size(); ++index) {
      columns::Lane& lane = block.lanes[index];
      if (wanted_[index].as == Cell::number) {
        lane.numbers.push_back(nulls_[index] ? columns::memory::missing : number_of(row_[index]));
        continue;
      }
      std::string& kept = texts_[index][block.rows];
      const bool is_number = schema_[wanted_[index].column].type == Type::number;
      // "2" and not DuckDB's "2.0": as other tables write it.
      kept = is_number ? fmt::format("{}", number_of(row_[index])) : row_[index];
      lane.texts.push_back(nulls_[index] ? std::string_view{} : std::string_view{kept});
    }
  }

  // DuckDB writes a number so that it reads back as the same one.
  static double number_of(const std::string& text) {
    double number = columns::memory::missing;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
  }

  const std::unique_ptr<table::Cursor> cursor_;
  const columns::Schema& schema_;
  const std::vector<columns::Wanted> wanted_;
  std::vector<std::string> row_;
  std::vector<bool> nulls_;
  std::vector<std::vector<std::string>> texts_;  // of the block, by lane
};

class FactsTable final : public columns::Table {
 public:
  explicit FactsTable(std::unique_ptr<table::Engine> engine) : engine_(std::move(engine)) {}

  const columns::Schema& schema() const override { return schema_; }

  Result<std::unique_ptr<columns::Scan>> scan(std::vector<columns::Wanted> wanted) override {
    std::string list;
    for (const columns::Wanted& one : wanted) {
      const columns::Column& column = schema_[one.column];
      const bool is_moment = column.type == Type::datetime && one.as == Cell::number;
      const std::string name = table::quote_name(column.name);
      list += list.empty() ? "" : ", ";
      list += is_moment ? fmt::format("epoch_us({})", name) : name;
    }
    // A chart may need the rows alone.
    auto cursor = engine_->open_cursor(
        fmt::format("SELECT {} FROM chosen", list.empty() ? "1" : std::string_view(list)));
    if (!cursor) return cursor.error();
    return std::unique_ptr<columns::Scan>{
        std::make_unique<FactsScan>(std::move(*cursor), schema_, std::move(wanted))};
  }

 private:
  const std::unique_ptr<table::Engine> engine_;
  const columns::Schema schema_ = schema_of_facts();
};

struct Span {
  Time from;
  Time to;
};

// Objects of facts hold one company and one UTC day each.
Result<std::optional<Time>> end_of_last_day(objects::Objects& objects, const std::string& company) {
  objects::Manifest manifest(objects, std::string(facts_prefix));
  if (auto read = manifest.refresh(); !read) return read.error();
  std::string last;
  for (const objects::ManifestObject& object : manifest.committed()) {
    const auto owner = object.labels.find("company");
    const auto day = object.labels.find("day");
    if (owner == object.labels.end() || day == object.labels.end()) continue;
    if (owner->second == company) last = std::max(last, day->second);
  }
  const auto date = parse_date(last);
  if (!date) return std::optional<Time>{};
  return std::optional<Time>{TimeZone{}.day(*date).end};
}

Error no_facts(const FactsAsked& asked) {
  return {Outcome::not_found,
          fmt::format("there are no facts of the metric \"{}\" in this time; a new one can be "
                      "drawn a minute after it came, and /api/v1/series lists the metrics",
                      asked.metric.substr(0, 128))};
}

Result<Span> span_of(objects::Objects& objects, const FactsAsked& asked) {
  std::optional<Time> to = asked.to;
  if (!to) {
    const auto last = end_of_last_day(objects, asked.company);
    if (!last) return last.error();
    if (!*last) return no_facts(asked);
    to = *last;
  }
  const Time from = asked.from ? *asked.from : *to - span_default;
  if (from < *to) return Span{from, *to};
  return Error{Outcome::invalid, fmt::format("the facts' first moment, {}, is not before {}",
                                             format_time(from), format_time(*to))};
}

Wanted holding(const std::string& company, const Span& span) {
  const std::string first = day_of(std::max(span.from, time_min));
  const std::string last = day_of(std::max(span.to, time_min));
  return [=](const objects::ManifestObject& object) {
    const auto owner = object.labels.find("company");
    const auto day = object.labels.find("day");
    if (owner == object.labels.end() || day == object.labels.end()) return true;
    return owner->second == company && day->second >= first && day->second <= last;
  };
}

std::string sql_moment(Time time) {
  return fmt::format("make_timestamp({})", to_microseconds(time));
}

// Of the rows of facts_raw and facts.
std::string sql_of_asked(const FactsAsked& asked, const Span& span) {
  return fmt::format("company = {} AND metric = {} AND time >= {} AND time < {}",
                     table::quote_text(asked.company), table::quote_text(asked.metric),
                     sql_moment(span.from), sql_moment(span.to));
}

Result<std::vector<std::int64_t>> numbers_of(table::Engine& engine, const std::string& sql,
                                             std::size_t rows_max) {
  const auto answer = engine.query(sql, rows_max);
  if (!answer) return answer.error();
  std::vector<std::int64_t> numbers;
  for (const auto& row : answer->rows) {
    numbers.push_back(0);
    std::from_chars(row[0].data(), row[0].data() + row[0].size(), numbers.back());
  }
  return numbers;
}

// Spans that follow each other and hold about as many facts each: sorting all at once to find the
// newest of each moment does not fit into the memory, and moments are what may be told apart.
Result<std::vector<Span>> pieces_of(table::Engine& engine, const FactsAsked& asked,
                                    const Span& span, std::size_t piece_facts_max) {
  const std::string rows = "FROM facts_raw WHERE " + sql_of_asked(asked, span);
  const auto count = numbers_of(engine, "SELECT count(*) " + rows, 1);
  if (!count) return count.error();
  const std::size_t pieces = std::size_t(count->front()) / piece_facts_max + 1;
  std::string shares;
  for (std::size_t piece = 1; piece < pieces; ++piece)
    shares += fmt::format("{}{}", shares.empty() ? "" : ", ", double(piece) / double(pieces));
  std::vector<std::int64_t> ends;
  if (pieces > 1) {
    auto found = numbers_of(
        engine,
        fmt::format("SELECT unnest(approx_quantile(epoch_us(time), [{}])) {}", shares, rows),
        pieces);
    if (!found) return found.error();
    ends = std::move(*found);
    std::sort(ends.begin(), ends.end());
  }
  ends.push_back(to_microseconds(span.to));
  std::vector<Span> spans;
  Time from = span.from;
  for (const std::int64_t end : ends) {
    const Time to = from_microseconds(end);
    if (to > from) spans.push_back({from, to});
    from = std::max(from, to);
  }
  return spans;
}

// Made once, because the newest of several facts of one moment is found by sorting them. Stops
// where it has more than `facts_max`.
Result<std::uint64_t> make_chosen(table::Engine& engine, const FactsAsked& asked,
                                  const std::vector<Span>& pieces, std::size_t facts_max) {
  std::string list;
  for (const Made& made : made_columns)
    list += fmt::format("{}{} AS {}", list.empty() ? "" : ", ", made.sql, made.name);
  std::uint64_t made = 0;
  for (std::size_t piece = 0; piece < pieces.size() && made <= facts_max; ++piece) {
    const std::string rows =
        fmt::format("SELECT {} FROM (SELECT * FROM facts WHERE {} LIMIT {}) ORDER BY time, device",
                    list, sql_of_asked(asked, pieces[piece]), facts_max + 1 - made);
    auto done =
        engine.execute((piece == 0 ? "CREATE TABLE chosen AS " : "INSERT INTO chosen ") + rows);
    if (!done) return done.error();
    const auto count = numbers_of(engine, "SELECT count(*) FROM chosen", 1);
    if (!count) return count.error();
    made = std::uint64_t(count->front());
  }
  return made;
}

// How many there are.
Result<std::uint64_t> choose(table::Engine& engine, const FactsAsked& asked, const Span& span,
                             const FactsTableOptions& options) {
  const auto pieces = pieces_of(engine, asked, span, options.piece_facts_max);
  if (!pieces) return pieces.error();
  return make_chosen(engine, asked, *pieces, options.facts_max);
}

Error too_many_at_once(const FactsAsked& asked, const FactsTableOptions& options) {
  return {Outcome::invalid,
          fmt::format("the facts of the metric \"{}\" need more than {} MiB of memory to be put in "
                      "order; choose a shorter time with from and to",
                      asked.metric, options.table.memory_bytes_max >> 20)};
}

}  // namespace

Result<std::unique_ptr<columns::Table>> open_facts_table(objects::Objects& objects,
                                                         const FactsAsked& asked,
                                                         const FactsTableOptions& options) {
  const auto span = span_of(objects, asked);
  if (!span) return span.error();
  const auto files = committed_files(objects, facts_prefix, holding(asked.company, *span));
  if (!files) return files.error();
  if (files->empty()) return no_facts(asked);
  auto engine = table::Engine::open(options.table);
  if (!engine) return engine.error();
  if (auto done = make_fact_views(**engine, *files); !done) return done.error();
  const auto count = choose(**engine, asked, *span, options);
  if (!count && count.error().outcome == Outcome::exhausted)
    return too_many_at_once(asked, options);
  if (!count) return count.error();
  if (*count == 0) return no_facts(asked);
  if (*count > options.facts_max) {
    return Error{Outcome::invalid,
                 fmt::format("the metric \"{}\" has more than {} facts in this time; choose a "
                             "shorter one with from and to",
                             asked.metric, options.facts_max)};
  }
  return std::unique_ptr<columns::Table>{std::make_unique<FactsTable>(std::move(*engine))};
}

}  // namespace cauce::warehouse
