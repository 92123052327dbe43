#include "business/sqlite/sqlite.h"

#include "business/sqlite/registry.h"
#include "business/sqlite/writer.h"
#include "disk/posix.h"

namespace cauce::business {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view check_purpose = "master key check 1";
constexpr std::string_view check_plaintext = "cauce";

fs::path database_file(const fs::path& directory) {
  return directory / "business" / "business.db";
}
fs::path lock_file(const fs::path& directory) {
  return directory / "business" / "lock";
}
fs::path master_key_file(const fs::path& directory) {
  return directory / "secret" / "master.key";
}

// A new installation gets a key; one that has been written before must find its own.
Result<MasterKey> open_master_key(const fs::path& file, sql::Database& database, Random& random) {
  auto select = database.prepare("SELECT sealed FROM master_key_check");
  if (!select) return select.error();
  const auto row = select->step();
  if (!row) return row.error();
  if (*row) {
    auto key = MasterKey::read(file);
    if (!key) return key;
    if (auto opened = key->open(select->blob(0), check_purpose); !opened) return opened.error();
    return key;
  }
  auto key = MasterKey::read_or_make(file, random);
  if (!key) return key;
  auto insert = database.prepare("INSERT INTO master_key_check(id, sealed) VALUES(1, ?)");
  if (!insert) return insert.error();
  const Bytes sealed = key->seal(check_plaintext, check_purpose, random);
  if (auto inserted = insert->bind(1, sql::Blob{sealed}).run(); !inserted) return inserted.error();
  return key;
}

class SqliteStore final : public Store {
 public:
  SqliteStore(fs::path directory, Random& random, SqliteOptions options)
      : directory_(std::move(directory)), random_(random), options_(std::move(options)) {}

  Result<std::unique_ptr<Business>> open_writer() override {
    const fs::path file = database_file(directory_);
    auto made = disk::posix_directory(file.parent_path())->make();
    if (!made) return made.error();
    auto lock = disk::lock_file(lock_file(directory_), options_.program, options_.lock_wait_max);
    if (!lock) return lock.error();
    auto database = sql::Database::open(file, sql::Durability::synced);
    if (!database) return database.error();
    if (auto prepared = prepare_schema(*database); !prepared) {
      return prepared.error().during(file.string());
    }
    auto key = open_master_key(master_key_file(directory_), *database, random_);
    if (!key) return key.error();
    return std::unique_ptr<Business>{
        std::make_unique<SqliteBusiness>(std::move(*lock), std::move(*database), std::move(*key),
                                         random_, options_.changes_kept_max)};
  }

  Result<std::unique_ptr<Registry>> open_registry() override {
    return std::unique_ptr<Registry>{
        std::make_unique<SqliteRegistry>(database_file(directory_), master_key_file(directory_))};
  }

 private:
  const fs::path directory_;
  Random& random_;
  const SqliteOptions options_;
};

}  // namespace

// The key after the data: what is sealed has its key.
Result<void> copy_sqlite_store(const fs::path& directory, const fs::path& target, bool with_key) {
  auto made = disk::posix_directory(database_file(target).parent_path())->make();
  if (!made) return made;
  auto copied = sql::copy_database(database_file(directory), database_file(target));
  if (!copied && copied.error().outcome == Outcome::not_found) return {};
  if (!copied || !with_key) return copied;
  return MasterKey::copy(master_key_file(directory), master_key_file(target));
}

std::unique_ptr<Store> make_sqlite_store(fs::path directory, Random& random,
                                         SqliteOptions options) {
  return std::make_unique<SqliteStore>(std::move(directory), random, std::move(options));
}

}  // namespace cauce::business
