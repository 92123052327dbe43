#include "app/backup_target.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>

#include "app/backup_files.h"
#include "app/backup_verify.h"

namespace cauce::app {
namespace {

namespace fs = std::filesystem;

struct Scratch {
  fs::path path;
  Scratch() {
    std::string name = (fs::temp_directory_path() / "target_test_XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Scratch() { fs::remove_all(path); }
  fs::path target() const { return path / "backup"; }
  fs::path write(const std::string& name, std::string_view content) const {
    std::ofstream{path / name} << content;
    return path / name;
  }
};

// One backup with one store and one object.
Result<BackupNote> back_up(const Scratch& scratch, std::string_view store,
                           std::string_view object) {
  auto target = BackupTarget::open(scratch.target());
  if (!target) return target.error();
  std::ofstream{(*target)->stores() / "jobs.db"} << store;
  if (auto added = (*target)->add_object("lake/a", scratch.write("a", object)); !added) {
    return added.error();
  }
  return (*target)->finish({});
}

std::string content_of(const fs::path& file) {
  std::ifstream stream{file};
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

TEST_CASE("a backup takes the place of the one before when it is finished, and not earlier") {
  const Scratch scratch;
  const auto first = back_up(scratch, "1", "object");
  REQUIRE(first);
  CHECK(first->files == 2);
  CHECK(first->bytes == 7);
  {
    auto target = BackupTarget::open(scratch.target());
    REQUIRE(target);
    std::ofstream{(*target)->stores() / "jobs.db"} << "2";
    REQUIRE((*target)->add_object("lake/b", scratch.write("b", "new")));
    CHECK(read_note(scratch.target())->stores == first->stores);
    CHECK(verify_backup(scratch.target(), *first, {}));
  }
  // It was given up: nothing of it is left.
  CHECK(verify_backup(scratch.target(), *first, {}));
  CHECK_FALSE(fs::exists(scratch.target() / "objects" / "lake" / "b"));
  const auto second = back_up(scratch, "2", "object");
  REQUIRE(second);
  CHECK(read_note(scratch.target())->stores == second->stores);
  CHECK(content_of(scratch.target() / second->stores / "jobs.db") == "2");
  CHECK_FALSE(fs::exists(scratch.target() / first->stores));
}

TEST_CASE("what a killed backup left is swept by the next one and hurts nobody meanwhile") {
  const Scratch scratch;
  const auto note = back_up(scratch, "1", "object");
  REQUIRE(note);
  const fs::path rest = scratch.target() / "stores-9";
  const fs::path orphan = scratch.target() / "objects" / "lake" / "b";
  fs::create_directory(rest);
  std::ofstream{rest / "jobs.db"} << "half";
  std::ofstream{orphan} << "half";
  CHECK(verify_backup(scratch.target(), *note, {}));
  const auto next = back_up(scratch, "2", "object");
  REQUIRE(next);
  CHECK(next->stores == "stores-10");
  CHECK_FALSE(fs::exists(rest));
  CHECK_FALSE(fs::exists(orphan));
}

TEST_CASE("two backups into one directory at once are one too many") {
  const Scratch scratch;
  const auto first = BackupTarget::open(scratch.target());
  REQUIRE(first);
  const auto second = BackupTarget::open(scratch.target());
  REQUIRE_FALSE(second);
  CHECK(second.error().outcome == Outcome::conflict);
}

TEST_CASE("an entry that differs from the one before is of another installation") {
  const Scratch scratch;
  {
    auto target = BackupTarget::open(scratch.target());
    REQUIRE((*target)->add_entry("lake/_log/0.json", scratch.write("entry", "mine")));
    REQUIRE((*target)->finish({}));
  }
  auto target = BackupTarget::open(scratch.target());
  REQUIRE((*target)->add_entry("lake/_log/0.json", scratch.write("entry", "mine")));
  const auto refused = (*target)->add_entry("lake/_log/0.json", scratch.write("entry", "hers"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().outcome == Outcome::invalid);
}

TEST_CASE("a changed, a missing and a foreign line are all found") {
  const Scratch scratch;
  const auto note = back_up(scratch, "1", "object");
  REQUIRE(note);
  const fs::path object = scratch.target() / "objects" / "lake" / "a";
  std::ofstream{object} << "objecT";
  const auto changed = verify_backup(scratch.target(), *note, {});
  REQUIRE_FALSE(changed);
  CHECK(changed.error().message.find(object.string()) != std::string::npos);
  fs::remove(object);
  CHECK(verify_backup(scratch.target(), *note, {}).error().message.find("(missing)") !=
        std::string::npos);
  std::ofstream{scratch.target() / (note->stores + ".sha256"), std::ios::app} << "x";
  CHECK(verify_backup(scratch.target(), *note, {}).error().outcome == Outcome::corrupt);
}

TEST_CASE("a list names only files inside the backup") {
  const Scratch scratch;
  const std::string digits(64, 'a');
  const auto read = [&](const std::string& content) {
    return read_sums(scratch.write("list", content), [](const Sum&) { return Result<void>{}; });
  };
  CHECK(read(digits + "  objects/lake/a\n"));
  for (const char* path : {"", "/etc/passwd", "../a", "a/../../b", "a//b", "a/", "./a", "a b"}) {
    CAPTURE(path);
    CHECK(read(digits + "  " + path + "\n").error().outcome == Outcome::corrupt);
  }
  CHECK_FALSE(read(digits + " a\n"));
  CHECK_FALSE(read(std::string(63, 'a') + "g  a\n"));
  CHECK(read(digits + "  " + std::string(4096, 'a') + "\n"));
  CHECK_FALSE(read(digits + "  " + std::string(4097, 'a') + "\n"));
}

TEST_CASE("a note with a changed byte is refused") {
  const Scratch scratch;
  REQUIRE(back_up(scratch, "1", "object"));
  const fs::path file = scratch.target() / backup_file;
  std::string content = content_of(file);
  content.replace(content.find("\"files\": 2"), 10, "\"files\": 3");
  std::ofstream{file} << content;
  CHECK(read_note(scratch.target()).error().outcome == Outcome::corrupt);
  fs::remove(file);
  CHECK(read_note(scratch.target()).error().outcome == Outcome::not_found);
}

}  // namespace cauce::app
