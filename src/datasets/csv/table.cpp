#include "datasets/csv/table.h"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "datasets/csv/scan.h"
#include "datasets/csv/transcode.h"

namespace cauce::datasets::csv {

namespace {

std::string_view described(columns::Type type) {
  switch (type) {
    case columns::Type::number: return "a number";
    case columns::Type::date: return "a date";
    case columns::Type::datetime: return "a date with a time";
    case columns::Type::boolean: return "true or false";
    case columns::Type::text: return "text";
  }
  return "";
}

std::string shown(char delimiter) {
  return delimiter == '\t' ? "tab" : std::string(1, delimiter);
}

}  // namespace

CsvTable::CsvTable(OpenSource open, const CsvOptions& options)
    : open_(std::move(open)), options_(options), missing_(options.missing_words) {
  report_.format = options_.written ? options_.written->format : "CSV";
}

Result<void> CsvTable::begin() {
  if (options_.written) {
    marks_ = options_.written->marks;
  } else {
    const Result<void> found_out = look_at_beginning();
    if (!found_out) return found_out;
  }
  const Result<void> done = take_sample();
  if (!done) return done;
  return force_texts();
}

Result<void> CsvTable::look_at_beginning() {
  if (encoding_ != Encoding::windows1252) {
    Result<std::unique_ptr<ByteSource>> source = open_();
    if (!source) return source.error();
    std::string beginning(1024, '\0');
    const Result<std::size_t> bytes = read_fully(**source, beginning.data(), beginning.size());
    if (!bytes) return bytes.error();
    beginning.resize(*bytes);
    encoding_ = detect_encoding(beginning);
  }
  Result<std::unique_ptr<ByteSource>> source = open_();
  if (!source) return source.error();
  const std::unique_ptr<ByteSource> text = to_utf8(std::move(*source), encoding_);
  std::string beginning(options_.rows.window_bytes, '\0');
  const Result<std::size_t> bytes = read_fully(*text, beginning.data(), beginning.size());
  if (!bytes) return bytes.error();
  beginning.resize(*bytes);
  marks_ = detect_marks(beginning, *bytes < options_.rows.window_bytes);
  report_.encoding = name_of(encoding_);
  report_.delimiter = shown(marks_.delimiter);
  return {};
}

Result<Pass> CsvTable::start_pass() {
  Result<std::unique_ptr<ByteSource>> source = open_();
  if (!source) return source.error();
  Pass pass;
  pass.reader =
      std::make_unique<RowReader>(to_utf8(std::move(*source), encoding_), marks_, options_.rows,
                                  options_.written ? options_.written->first_line : 1);
  Rows header;
  const Result<Advance> step = advance(pass, header);
  if (!step) return step.error();
  if (*step == Advance::other_encoding) return start_pass();
  if (*step == Advance::end) return Error{Outcome::invalid, "file is empty"};
  if (states_.empty()) {
    const Result<void> taken = take_header(header);
    if (!taken) return taken.error();
  } else if (header.columns != states_.size()) {
    return Error{Outcome::conflict, "the file was changed while it was read; start again"};
  }
  return pass;
}

Result<Advance> CsvTable::advance(Pass& pass, Rows& rows) {
  const Result<bool> more = pass.reader->next(rows);
  if (!more) return failed_at(pass.reader->error_line(), more.error());
  if (!*more) return Advance::end;
  if (!rows.non_ascii || encoding_ != Encoding::utf8 || options_.written) return Advance::rows;
  const std::uint32_t start = rows.starts[0];
  const std::uint32_t end = rows.end_of(rows.count - 1, rows.columns - 1);
  const std::string_view text(rows.bytes + start, end - start);
  std::size_t wrong_at = text.size();
  const bool good = is_utf8(text, wrong_at);
  const auto is_beyond_ascii = [](char byte) { return std::uint8_t(byte) >= 0x80; };
  pass.utf8_seen |= std::any_of(text.begin(), text.begin() + wrong_at, is_beyond_ascii);
  if (good) return Advance::rows;
  if (pass.utf8_seen) {
    const std::uint64_t line = pass.reader->line_of(start + wrong_at);
    return failed_at(
        line, {Outcome::invalid, fmt::format("line {} holds the byte 0x{:02X}, which is not UTF-8, "
                                             "though text before it is; save the file as UTF-8",
                                             line, std::uint8_t(text[wrong_at]))});
  }
  encoding_ = Encoding::windows1252;
  states_.clear();
  const Result<void> begun = begin();
  if (!begun) return begun.error();
  return Advance::other_encoding;
}

Error CsvTable::failed_at(std::uint64_t line, const Error& error) {
  if (line > 0) {
    report_.faults = {{line, {}, {}}};
    report_.fault_count = 1;
  }
  return error;
}

// Names as they are, made unique as pandas does: a, a.1, a.2.
Result<void> CsvTable::take_header(const Rows& header) {
  schema_.clear();
  header_notes_.clear();
  std::set<std::string> taken;
  std::string scratch;
  for (std::size_t column = 0; column < header.columns; ++column) {
    const std::string written(bare(header.field(0, column), scratch));
    if (written.size() > options_.name_bytes_max) {
      return failed_at(1,
                       {Outcome::invalid,
                        fmt::format("the name of column {} has {} bytes, the limit is {}; is the "
                                    "first row a header?",
                                    column + 1, written.size(), options_.name_bytes_max)});
    }
    std::string name = written.empty() ? fmt::format("column {}", column + 1) : written;
    for (std::size_t number = 1; taken.contains(name); ++number) {
      name = fmt::format("{}.{}", written.empty() ? name : written, number);
    }
    if (name != written && !written.empty()) {
      header_notes_.push_back(fmt::format(
          "column {} is called {}: the header holds {} more than once", column + 1, name, written));
    } else if (written.empty()) {
      header_notes_.push_back(fmt::format("column {} has no name in the header", column + 1));
    }
    taken.insert(name);
    schema_.push_back({std::move(name), columns::Type::text});
  }
  states_.assign(schema_.size(), {});
  report_.dashes.assign(schema_.size(), 0);
  return {};
}

Result<void> CsvTable::force_texts() {
  for (const std::string& name : options_.text_columns) {
    const Result<std::size_t> index = columns::find_column(schema_, name);
    if (!index) return index.error();
    force_text(*index);
  }
  if (!options_.written) return {};
  for (std::size_t column = 0; column < options_.written->texts.size(); ++column) {
    if (options_.written->texts[column]) force_text(column);
  }
  return {};
}

void CsvTable::force_text(std::size_t column) {
  ColumnState& state = states_[column];
  state = {};
  state.settled = true;
  state.forced = true;
  schema_[column].type = columns::Type::text;
}

// The first window says what the columns are until a row contradicts.
Result<void> CsvTable::take_sample() {
  Result<Pass> pass = start_pass();
  if (!pass) return pass.error();
  std::vector<std::size_t> columns(schema_.size());
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  std::vector<ColumnCensus> censuses(columns.size());
  const Result<Advance> step = count(*pass, columns, censuses, false);
  if (!step) return step.error();
  if (*step == Advance::other_encoding) return {};  // begun anew, sample included
  decimal_ = Decimal::point;
  bool ambiguous = false;
  for (const ColumnCensus& census : censuses) {
    if (census.needs_comma()) decimal_ = Decimal::comma;
    ambiguous |= census.is_ambiguous();
  }
  // Who separates by semicolons does so because commas are in the numbers.
  if (ambiguous && marks_.delimiter == ';') decimal_ = Decimal::comma;
  if (!options_.written) report_.decimal = decimal_ == Decimal::comma ? "," : ".";
  judge(columns, censuses, *step == Advance::end);
  return {};
}

// Adds the rows of the next window, or of all, to the censuses. `end`: there are no more.
Result<Advance> CsvTable::count(Pass& pass, const std::vector<std::size_t>& columns,
                                std::vector<ColumnCensus>& censuses, bool to_the_end) {
  std::string scratch;
  Rows rows;
  for (std::size_t windows = 0;; ++windows) {
    if (windows == 1 && !to_the_end) {
      return pass.reader->at_end() ? Advance::end : Advance::rows;
    }
    const Result<Advance> step = advance(pass, rows);
    if (!step || *step != Advance::rows) return step;
    for (std::size_t index = 0; index < columns.size(); ++index) {
      for (std::size_t row = 0; row < rows.count; ++row) {
        const std::string_view text = bare(rows.field(row, columns[index]), scratch);
        censuses[index].add(text, missing_, options_.census, [&] {
          return pass.reader->line_of(rows.begin_of(row, columns[index]));
        });
      }
    }
  }
}

void CsvTable::judge(const std::vector<std::size_t>& columns,
                     const std::vector<ColumnCensus>& censuses, bool settled) {
  for (std::size_t index = 0; index < columns.size(); ++index) {
    ColumnState& state = states_[columns[index]];
    if (state.forced) continue;
    Verdict verdict = censuses[index].verdict(decimal_, options_.census);
    state.format = verdict.format;
    state.settled = settled;
    state.note = std::move(verdict.note);
    state.fault_count = settled ? verdict.fault_count : 0;
    state.faults = settled ? std::move(verdict.faults) : std::vector<Fault>{};
    for (Fault& fault : state.faults)
      fault.column = schema_[columns[index]].name;
    schema_[columns[index]].type = state.format.type;
  }
  write_notes();
}

Result<bool> CsvTable::settle(const std::vector<std::size_t>& columns) {
  Result<Pass> pass = start_pass();
  if (!pass) return pass.error();
  std::vector<ColumnCensus> censuses(columns.size());
  const Result<Advance> step = count(*pass, columns, censuses, true);
  if (!step) return step.error();
  if (*step == Advance::other_encoding) return false;
  judge(columns, censuses, true);
  return true;
}

Result<void> CsvTable::check_faults(const std::vector<std::size_t>& columns) {
  report_.faults.clear();
  report_.fault_count = 0;
  const ColumnState* first = nullptr;
  for (const std::size_t column : columns) {
    const ColumnState& state = states_[column];
    report_.fault_count += state.fault_count;
    for (const Fault& fault : state.faults)
      report_.faults.push_back(fault);
    if (first == nullptr && state.fault_count > 0) first = &state;
  }
  if (first == nullptr) return {};
  if (report_.faults.size() > options_.census.faults_kept_max) {
    report_.faults.resize(options_.census.faults_kept_max);
  }
  const Fault& fault = first->faults[0];
  const std::string more =
      first->fault_count == 1
          ? "mark it as missing"
          : fmt::format("it is the first of {} such cells: mark them as missing",
                        first->fault_count);
  return Error{Outcome::invalid,
               fmt::format("{} {}, column {}: \"{}\" is not {}, as the rest of the column is; {}, "
                           "or read the column as text",
                           options_.written ? options_.written->place : "line", fault.line,
                           fault.column, fault.value, described(first->format.type), more)};
}

void CsvTable::settle_clean(std::size_t column, columns::Type type, std::uint64_t dashes,
                            std::uint64_t rounded) {
  states_[column].settled = true;
  states_[column].format.type = type;
  schema_[column].type = type;
  states_[column].rounded = rounded;
  report_.dashes[column] = dashes;
}

void CsvTable::finish_pass(const Pass& pass) {
  report_.blank_lines = pass.reader->blank_lines();
  report_.faults.clear();
  report_.fault_count = 0;
  write_notes();
}

void CsvTable::write_notes() {
  report_.notes = header_notes_;
  for (std::size_t column = 0; column < states_.size(); ++column) {
    const std::string& name = schema_[column].name;
    if (!states_[column].note.empty()) {
      report_.notes.push_back(fmt::format("column {} {}", name, states_[column].note));
    }
    if (states_[column].rounded > 0) {
      report_.notes.push_back(
          fmt::format("column {}: {} of its whole numbers are beyond 2^53 and are rounded; read "
                      "them as text if "
                      "they are identifiers",
                      name, states_[column].rounded));
    }
    if (report_.dashes[column] > 0) {
      const bool one = report_.dashes[column] == 1;
      report_.notes.push_back(fmt::format("column {}: {} {} \"-\" and {} read as missing", name,
                                          report_.dashes[column], one ? "cell holds" : "cells hold",
                                          one ? "was" : "were"));
    }
  }
  if (report_.blank_lines > 0) {
    report_.notes.push_back(fmt::format("{} blank lines were skipped", report_.blank_lines));
  }
}

Result<std::unique_ptr<FileTable>> open_csv(OpenSource open, const CsvOptions& options,
                                            Report* failure) {
  auto table = std::make_unique<CsvTable>(std::move(open), options);
  const Result<void> begun = table->begin();
  if (!begun && failure != nullptr) *failure = table->report();
  if (!begun) return begun.error();
  return std::unique_ptr<FileTable>(std::move(table));
}

Result<std::unique_ptr<FileTable>> open_csv(const std::filesystem::path& file,
                                            const CsvOptions& options, Report* failure) {
  return open_csv([file] { return open_file_source(file); }, options, failure);
}

Result<std::unique_ptr<columns::Scan>> CsvTable::scan(std::vector<columns::Wanted> wanted) {
  for (const columns::Wanted& want : wanted) {
    INVARIANT(want.column < schema_.size());
    const columns::Column& column = schema_[want.column];
    if (want.as == columns::Cell::number && column.type == columns::Type::text) {
      return Error{Outcome::invalid, fmt::format("column {} is text, not numbers", column.name)};
    }
  }
  return start_scan(*this, wanted);
}

}  // namespace cauce::datasets::csv
