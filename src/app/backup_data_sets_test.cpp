#include "app/backup_data_sets.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>

#include "app/backup_verify.h"
#include "crypto/crypto.h"
#include "datasets/store.h"
#include "objects/files/files.h"

namespace cauce::app {
namespace {

namespace fs = std::filesystem;

const datasets::Viewer ana{"ana"};
constexpr Time noon = from_microseconds(1'795'262'400'000'000);

void must(const Result<void>& result) {
  if (!result) FAIL(result.error().message);
}

template <class T>
T must(Result<T> result) {
  if (!result) FAIL(result.error().message);
  return std::move(*result);
}

// The data sets and charts of one company, and a backup of them.
struct World {
  fs::path path;
  SeededRandom random{7};
  std::unique_ptr<objects::Objects> objects;
  std::unique_ptr<datasets::Store> store;
  std::unique_ptr<api::Pins> pins;

  World() {
    std::string name = (fs::temp_directory_path() / "data_sets_test_XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
    objects = objects::file_objects(path / "data" / "objects");
    open();
  }
  ~World() { fs::remove_all(path); }

  void open() {
    store = std::make_unique<datasets::Store>(*objects, random);
    must(store->open());
    pins = std::make_unique<api::Pins>(*objects, 100);
    must(pins->open());
  }
  datasets::Arrival arrival(const std::string& content) {
    std::ofstream(path / "arrival") << content;
    return {.file = path / "arrival",
            .file_name = "cars.csv",
            .owner = "ana",
            .bytes = content.size(),
            .sha256 = to_hex(crypto::sha256(content)),
            .rows = 1,
            .summary = "{}"};
  }
  datasets::DataSet add(const std::string& name) {
    return must(store->add("acme", name, std::nullopt, arrival("a\n" + name + "\n"), noon));
  }
  api::Pin pin(char digit, const std::string& data_set) {
    api::Pin made;
    made.id = std::string(32, digit);
    made.company = "acme";
    made.kind = "histogram";
    made.options = {{"x", "a"}};
    made.data_set = data_set;
    made.version = 1;
    made.created_at = noon;
    must(pins->keep(made, data_set.empty() ? "figures" : ""));
    return made;
  }
  // Goes on where the backup of `copy` begins.
  void restore(DataSetsCopy& copy) {
    auto target = must(BackupTarget::open(path / "backup"));
    must(copy.copy(*target));
    const BackupNote note = must(target->finish({}));
    must(verify_backup(path / "backup", note, {}));
    const fs::path restored = path / ("restored" + std::to_string(++restores));
    fs::create_directories(restored);
    for (const fs::path& part : {path / "backup" / note.stores, path / "backup"}) {
      if (!fs::exists(part / "objects")) continue;
      fs::copy(part / "objects", restored / "objects", fs::copy_options::recursive);
    }
    pins.reset();
    store.reset();
    objects = objects::file_objects(restored / "objects");
    open();
  }
  std::string content(const datasets::DataSet& set, std::size_t version) {
    std::ifstream file(must(store->file("acme", set, set.versions.at(version))));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  int restores = 0;
};

}  // namespace

TEST_CASE("data sets and the addresses of charts come back from a backup as they were") {
  World world;
  const datasets::DataSet set = world.add("first");
  must(world.store->add_version("acme", set.id, world.arrival("a\n2\n"), noon));
  const api::Pin of_set = world.pin('a', set.id);
  const api::Pin of_series = world.pin('b', "");
  DataSetsCopy copy{*world.objects};
  must(copy.read_charts());
  must(copy.read_sets());
  world.restore(copy);
  const datasets::DataSet found = must(world.store->find("acme", set.id, ana));
  CHECK(found.versions.size() == 2);
  CHECK(world.content(found, 0) == "a\nfirst\n");
  CHECK(world.content(found, 1) == "a\n2\n");
  CHECK(must(world.store->summary("acme", found, found.latest())) == "{}");
  CHECK(world.pins->find("acme", of_set.id) == of_set);
  CHECK(world.pins->find("acme", of_series.id) == of_series);
  CHECK(must(world.pins->figures(of_series)) == "figures");
}

TEST_CASE("what is removed while a backup runs is left out whole, and what changes is as it was") {
  World world;
  const datasets::DataSet stays = world.add("before");
  const datasets::DataSet goes = world.add("goes");
  world.pin('a', goes.id);
  const api::Pin kept = world.pin('b', stays.id);
  DataSetsCopy copy{*world.objects};
  must(copy.read_charts());
  const datasets::DataSet late = world.add("late");
  const api::Pin not_read = world.pin('c', late.id);
  must(copy.read_sets());
  must(world.store->remove("acme", goes.id));
  must(world.store->rename("acme", stays.id, "after"));
  must(world.store->add_version("acme", stays.id, world.arrival("a\n9\n"), noon));
  world.restore(copy);
  CHECK_FALSE(world.store->find("acme", goes.id, ana));
  CHECK_FALSE(world.pins->find("acme", std::string(32, 'a')).has_value());
  const datasets::DataSet found = must(world.store->find("acme", stays.id, ana));
  CHECK(found.name == "before");
  CHECK(found.versions.size() == 1);
  CHECK(world.pins->find("acme", kept.id) == kept);
  CHECK(world.content(must(world.store->find("acme", late.id, ana)), 0) == "a\nlate\n");
  CHECK_FALSE(world.pins->find("acme", not_read.id).has_value());
}

TEST_CASE("a name of the same length is in the next backup") {
  World world;
  const datasets::DataSet set = world.add("cars");
  const auto back_up = [&world] {
    DataSetsCopy copy{*world.objects};
    must(copy.read_sets());
    auto target = must(BackupTarget::open(world.path / "backup"));
    must(copy.copy(*target));
    must(target->finish({}));
    return target->objects_copied();
  };
  CHECK(back_up() == 2);
  must(world.store->rename("acme", set.id, "cats"));
  CHECK(back_up() == 0);
  DataSetsCopy copy{*world.objects};
  must(copy.read_sets());
  world.restore(copy);
  CHECK(must(world.store->find("acme", set.id, ana)).name == "cats");
}

TEST_CASE("a file that is missing or changed is never copied in silence") {
  World world;
  const datasets::DataSet set = world.add("cars");
  const fs::path file = must(world.store->file("acme", set, set.latest()));
  const auto refused = [&world] {
    DataSetsCopy copy{*world.objects};
    must(copy.read_sets());
    auto target = must(BackupTarget::open(world.path / "backup"));
    const auto copied = copy.copy(*target);
    REQUIRE_FALSE(copied);
    CHECK(copied.error().outcome == Outcome::corrupt);
    return copied.error().message;
  };
  std::ofstream(file) << "a\nCARS\n";
  CHECK(refused().find("1.csv is not what was uploaded") != std::string::npos);
  fs::remove(file);
  CHECK(refused().find("run: cauce doctor") != std::string::npos);
  must(world.objects->put("datasets/acme/" + set.id + "/set.json", "{"));
  DataSetsCopy copy{*world.objects};
  const auto read = copy.read_sets();
  REQUIRE_FALSE(read);
  CHECK(read.error().message.find(set.id) != std::string::npos);
}

}  // namespace cauce::app
