#include "business/sqlite/registry.h"

#include <set>

#include "business/sqlite/loader.h"
#include "business/sqlite/schema.h"

namespace cauce::business {

Result<bool> SqliteRegistry::refresh() {
  if (!database_) {
    auto opened = sql::Database::open_read_only(database_file_);
    if (!opened && opened.error().outcome == Outcome::not_found) return false;
    if (!opened) return opened.error();
    database_.emplace(std::move(*opened));
  }
  // Asked before reading: a commit that comes in between is read now and looked for once more.
  const auto version = database_->data_version();
  if (!version) return version.error();
  if (data_version_ == *version) return false;
  auto changed = read_what_changed();
  // Without tables there is nothing to follow: opened anew until the writer has made them.
  if (changed && !sequence_) database_.reset();
  if (changed && sequence_) data_version_ = *version;
  return changed;
}

// Everything is read before anything is changed: after an error the registry is as it was, and
// the next call tries again.
Result<bool> SqliteRegistry::read_what_changed() {
  auto snapshot = sql::Snapshot::begin(*database_);
  if (!snapshot) return snapshot.error();
  const auto present = has_schema(*database_);
  if (!present) return present.error();
  if (!*present) return false;
  const auto now = changes();
  if (!now) return now.error();
  if (sequence_ == now->last) return false;
  // Further back than the kept changes reach, or the file is an older copy of itself.
  const bool must_read_all =
      !sequence_ || now->last < *sequence_ || now->first == 0 || now->first > *sequence_ + 1;
  auto read = must_read_all ? read_all() : read_since(*sequence_);
  if (!read) return read.error();
  sequence_ = now->last;
  return true;
}

Result<SqliteRegistry::Changes> SqliteRegistry::changes() {
  auto statement = database_->prepare(
      "SELECT (SELECT min(sequence) FROM changes), "
      "(SELECT seq FROM sqlite_sequence WHERE name='changes')");
  if (!statement) return statement.error();
  const auto row = statement->step();
  if (!row) return row.error();
  return Changes{statement->integer(0), statement->integer(1)};
}

Result<void> SqliteRegistry::read_all() {
  std::vector<Row> found;
  if (auto loaded = Loader{*database_, master_key_file_}.load_all(found); !loaded) return loaded;
  Rows rows;
  for (Row& row : found)
    rows.put(std::move(row));
  rows_ = std::move(rows);
  return {};
}

Result<void> SqliteRegistry::read_since(std::int64_t sequence) {
  auto statement = database_->prepare("SELECT kind, key FROM changes WHERE sequence > ?");
  if (!statement) return statement.error();
  statement->bind(1, sequence);
  std::set<Change> changes;  // each once, however often it changed; referred-to kinds come first
  for (;;) {
    const auto row = statement->step();
    if (!row) return row.error();
    if (!*row) break;
    const auto kind = value_in<Kind>(kind_names, statement->text(0));
    if (!kind) return Error{Outcome::corrupt, "business data: a change is of an unknown kind"};
    changes.insert({*kind, std::string(statement->text(1))});
  }
  Loader loader{*database_, master_key_file_};
  std::vector<Row> found;
  std::vector<const Change*> removed;
  for (const Change& change : changes) {
    const std::size_t count = found.size();
    if (auto loaded = loader.load(change, found); !loaded) return loaded;
    if (found.size() == count) removed.push_back(&change);
  }
  for (const Change* change : removed)
    rows_.remove(*change);
  for (Row& row : found)
    rows_.put(std::move(row));
  return {};
}

}  // namespace cauce::business
