#include "business/sqlite/sqlite.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "business/credentials_contract.h"
#include "business/sqlite/schema.h"
#include "crypto/crypto.h"
#include "sql/database.h"

namespace cauce::business {
namespace {

namespace fs = std::filesystem;
using contract::mote;
using contract::must;
using contract::refreshed;
using contract::settle;

// An installation in a directory of its own.
struct Installation {
  fs::path directory;
  crypto::SystemRandom random;
  SqliteOptions options{"cauce api", Duration{0}, 100'000};

  Installation() {
    std::string pattern = (fs::temp_directory_path() / "cauce-business-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    directory = fs::path{pattern} / "installation";
  }
  ~Installation() { fs::remove_all(directory.parent_path()); }

  std::unique_ptr<Store> store() { return make_sqlite_store(directory, random, options); }
  std::unique_ptr<Business> writer() { return contract::writer_of(*store()); }
  fs::path database_file() const { return directory / "business" / "business.db"; }
  fs::path key_file() const { return directory / "secret" / "master.key"; }

  // Changes the file behind the store's back.
  void tamper(std::string_view sql) const {
    auto database = sql::Database::open(database_file(), sql::Durability::synced);
    REQUIRE(database);
    must(database->execute(sql));
  }
};

mode_t mode_of(const fs::path& path) {
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

std::string contents_of(const fs::path& file) {
  std::ifstream stream{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

void refuses_to_read(Installation& installation, Outcome outcome, std::string_view named) {
  const auto registry = installation.store()->open_registry();
  REQUIRE(registry);
  const auto refused = (*registry)->refresh();
  REQUIRE_FALSE(refused);
  CAPTURE(refused.error().message);
  CHECK(refused.error().outcome == outcome);
  CHECK(refused.error().message.find(named) != std::string::npos);
  CHECK((*registry)->companies().empty());
}

void refuses_to_write(Installation& installation, Outcome outcome, std::string_view named) {
  const auto writer = installation.store()->open_writer();
  REQUIRE_FALSE(writer);
  CAPTURE(writer.error().message);
  CHECK(writer.error().outcome == outcome);
  CHECK(writer.error().message.find(named) != std::string::npos);
}

}  // namespace

TEST_CASE("SQLite: every field is read back") {
  Installation installation;
  contract::every_field_is_read_back(*installation.store());
}
TEST_CASE("SQLite: limits are read back and followed") {
  Installation installation;
  contract::limits_are_read_back_and_followed(*installation.store());
}
TEST_CASE("SQLite: an anomaly rule is read back") {
  Installation installation;
  contract::an_anomaly_rule_is_read_back(*installation.store());
}
TEST_CASE("SQLite: a foreign company sees nothing") {
  Installation installation;
  contract::a_foreign_company_sees_nothing(*installation.store());
}
TEST_CASE("SQLite: references stay in their company") {
  Installation installation;
  contract::references_stay_in_their_company(*installation.store());
}
TEST_CASE("SQLite: what exists is not created again") {
  Installation installation;
  contract::what_exists_is_not_created_again(*installation.store());
}
TEST_CASE("SQLite: what does not exist is not changed") {
  Installation installation;
  contract::what_does_not_exist_is_not_changed(*installation.store());
}
TEST_CASE("SQLite: a registry follows every change, from before the first") {
  Installation installation;
  contract::a_registry_follows_every_change(*installation.store());
}
TEST_CASE("SQLite: users and their sessions are followed") {
  Installation installation;
  contract::users_and_their_sessions_are_followed(*installation.store());
}
TEST_CASE("SQLite: sessions of a user are bounded") {
  Installation installation;
  contract::sessions_of_a_user_are_bounded(*installation.store());
}
TEST_CASE("SQLite: exchanged tokens find their devices") {
  Installation installation;
  contract::exchanged_tokens_find_their_devices(*installation.store());
}
TEST_CASE("two tokens admit one device") {
  Installation installation;
  contract::two_tokens_admit_one_device(*installation.store());
}

TEST_CASE("the keys that a device shares are read back in their order") {
  Installation installation;
  contract::two_shared_keys_are_read_back(*installation.store());
}

TEST_CASE("a company has an authority of its own") {
  Installation installation;
  contract::a_company_has_an_authority_of_its_own(*installation.store());
}

TEST_CASE("SQLite: a refused write changes nothing") {
  Installation installation;
  contract::a_refused_write_changes_nothing(*installation.store());
}
TEST_CASE("SQLite: there is one writer at a time") {
  Installation installation;
  contract::one_writer_at_a_time(*installation.store());
}

TEST_CASE("a second writer is told who holds the lock") {
  Installation installation;
  const auto writer = installation.writer();
  refuses_to_write(installation, Outcome::conflict, "cauce api");
}

TEST_CASE("what was written is there after the writer has gone") {
  Installation installation;
  settle(*installation.writer(), "acme");
  const auto business = installation.writer();
  must(business->create(mote("acme", "mote-2")));
  const auto registry = contract::registry_of(*installation.store());
  CHECK(registry->devices("acme").size() == 2);
}

TEST_CASE("keys are nowhere in the files, and the files are their owner's alone") {
  Installation installation;
  const auto business = installation.writer();
  settle(*business, "acme");
  CHECK(mode_of(installation.directory / "secret") == 0700);
  CHECK(mode_of(installation.key_file()) == 0600);
  CHECK(mode_of(installation.database_file()) == 0600);
  const Bytes secret(crypto::key_bytes, 'k');
  for (const char* suffix : {"", "-wal"}) {
    const fs::path file = installation.database_file().string() + suffix;
    const std::string contents = contents_of(file);
    CHECK_FALSE(contents.empty());
    CHECK(contents.find(secret) == std::string::npos);
  }
}

TEST_CASE("a lost master key is named, and no other is made in its place") {
  Installation installation;
  settle(*installation.writer(), "acme");
  fs::remove(installation.key_file());
  refuses_to_read(installation, Outcome::corrupt, installation.key_file().string());
  refuses_to_write(installation, Outcome::corrupt, installation.key_file().string());
  CHECK_FALSE(fs::exists(installation.key_file()));
}

TEST_CASE("a wrong or damaged master key is named, and never shown") {
  Installation installation;
  settle(*installation.writer(), "acme");
  const std::string file = installation.key_file().string();
  std::string text = contents_of(file);
  SUBCASE("another key") {
    text[0] = text[0] == '0' ? '1' : '0';
    std::ofstream{file} << text;
  }
  SUBCASE("cut") {
    std::ofstream{file} << text.substr(0, 40);
  }
  SUBCASE("longer") {
    std::ofstream{file} << text << "\n";
  }
  SUBCASE("not hexadecimal") {
    std::ofstream{file} << std::string(64, 'x') << "\n";
  }
  refuses_to_read(installation, Outcome::corrupt, file);
  refuses_to_write(installation, Outcome::corrupt, file);
}

TEST_CASE("a master key that others may read is refused") {
  Installation installation;
  settle(*installation.writer(), "acme");
  fs::permissions(installation.key_file(), fs::perms{0640});
  refuses_to_read(installation, Outcome::denied, "chmod 600");
  refuses_to_write(installation, Outcome::denied, "chmod 600");
}

TEST_CASE("a registry reads on once the master key is back") {
  Installation installation;
  settle(*installation.writer(), "acme");
  const fs::path away = installation.key_file().string() + ".away";
  fs::rename(installation.key_file(), away);
  const auto registry = installation.store()->open_registry();
  REQUIRE(registry);
  REQUIRE_FALSE((*registry)->refresh());
  fs::rename(away, installation.key_file());
  CHECK(refreshed(**registry));
  CHECK((*registry)->device("acme", "mote-1") != nullptr);
}

TEST_CASE("a key that was moved to another row does not open") {
  Installation installation;
  {
    const auto business = installation.writer();
    settle(*business, "acme");
    must(business->create(mote("acme", "mote-2")));
  }
  SUBCASE("of another device") {
    installation.tamper(
        "UPDATE device_keys SET sealed=(SELECT sealed FROM device_keys WHERE device='mote-1' AND "
        "key_id=1) WHERE device='mote-2' AND key_id=1");
  }
  SUBCASE("of another number") {
    installation.tamper("UPDATE device_keys SET key_id=2 WHERE device='mote-2' AND key_id=1");
  }
  refuses_to_read(installation, Outcome::corrupt, "acme/mote-2");
}

TEST_CASE("a shared key is encrypted in its place, and opens in no other") {
  Installation installation;
  {
    const auto business = installation.writer();
    settle(*business, "acme");
    Device device = mote("acme", "mote-2");
    device.shared_keys = {{1, "a key of 16 bytes or more"}};
    must(business->create(device));
  }
  for (const auto& file : fs::directory_iterator(installation.database_file().parent_path()))
    CHECK(contents_of(file.path()).find("a key of 16") == std::string::npos);
  SUBCASE("of another device") {
    installation.tamper("UPDATE device_shared_keys SET device='mote-1'");
    refuses_to_read(installation, Outcome::corrupt, "shared key 1 of device acme/mote-1");
  }
  SUBCASE("of another place") {
    installation.tamper("UPDATE device_shared_keys SET place=2");
    refuses_to_read(installation, Outcome::corrupt, "shared key 2 of device acme/mote-2");
  }
}

TEST_CASE("a file of a newer program is refused and left alone") {
  Installation installation;
  settle(*installation.writer(), "acme");
  installation.tamper("PRAGMA user_version=99");
  refuses_to_write(installation, Outcome::unsupported, "version 99");
  refuses_to_read(installation, Outcome::unsupported, "version 99");
}

TEST_CASE("a file of an older version is brought up to date with all it holds") {
  Installation installation;
  fs::create_directories(installation.database_file().parent_path());
  {
    auto database = sql::Database::open(installation.database_file(), sql::Durability::synced);
    REQUIRE(database);
    must(database->execute(schema_step(1)));
    must(database->execute("PRAGMA user_version=1"));
    must(database->execute(
        "INSERT INTO companies VALUES('acme', 'Acme');"
        "INSERT INTO device_types VALUES('acme', 'json', 'json', 'none');"
        "INSERT INTO devices VALUES('acme', 'mote-1', 'json', NULL, '', zeroblob(32), 1, 0);"
        "INSERT INTO changes(kind, key) VALUES('device', 'acme/mote-1')"));
  }
  // Until the writer has come, a reader waits.
  const auto registry = contract::registry_of(*installation.store());
  CHECK(registry->companies().empty());
  const auto business = installation.writer();
  CHECK(refreshed(*registry));
  const Device* device = registry->device("acme", "mote-1");
  REQUIRE(device != nullptr);
  CHECK(device->token_hash == Bytes(32, '\0'));
  CHECK_FALSE(device->bridge);
  CHECK(device->earlier_token_hash.empty());
  CHECK(device->certificates_since == time_min);
  CHECK(device->shared_keys.empty());
  CHECK(registry->company("acme")->authority.empty());
  CHECK(registry->device_type("acme", "json")->sequence.empty());
  CHECK(registry->company("acme")->limits == Limits{});
  CHECK(device->limits == Limits{});
  must(business->create(contract::ana("acme")));
}

TEST_CASE("a registry that is further behind than the kept changes reads everything again") {
  Installation installation;
  installation.options.changes_kept_max = 3;
  const auto business = installation.writer();
  settle(*business, "acme");
  const auto registry = contract::registry_of(*installation.store());
  must(business->remove_rule("acme", "too-warm"));
  for (int number = 0; number < 10; ++number) {
    must(business->create(mote("acme", "new-" + std::to_string(number))));
  }
  CHECK(refreshed(*registry));
  CHECK(registry->rules("acme").empty());
  CHECK(registry->devices("acme").size() == 11);

  // Exactly as far behind as is kept: read change by change.
  for (int number = 0; number < 3; ++number) {
    must(business->create(Company{"company-" + std::to_string(number), ""}));
  }
  CHECK(refreshed(*registry));
  CHECK(registry->companies().size() == 4);
}

TEST_CASE("a registry meets a file that has no tables yet") {
  Installation installation;
  fs::create_directories(installation.database_file().parent_path());
  REQUIRE(sql::Database::open(installation.database_file(), sql::Durability::synced));
  const auto registry = contract::registry_of(*installation.store());
  CHECK(registry->companies().empty());
  settle(*installation.writer(), "acme");
  CHECK(refreshed(*registry));
  CHECK(registry->company("acme") != nullptr);
}

TEST_CASE("a word that no cauce writes is corrupt") {
  Installation installation;
  settle(*installation.writer(), "acme");
  SUBCASE("of a rule") {
    installation.tamper("UPDATE rules SET kind='weather'");
  }
  SUBCASE("of a limit") {
    installation.tamper("INSERT INTO company_limits VALUES('acme', 'weather', 1)");
  }
  refuses_to_read(installation, Outcome::corrupt, "weather");
}

}  // namespace cauce::business
