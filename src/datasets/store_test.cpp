#include "datasets/store.h"

#include <doctest/doctest.h>

#include <fstream>

#include "datasets/store_json.h"
#include "objects/files/files.h"
#include "objects/memory/memory.h"
#include "objects/scratch.h"

namespace cauce::datasets {
namespace {

namespace fs = std::filesystem;

const Viewer ana{"ana"};
constexpr Time start = from_microseconds(1'800'000'000'000'000);

struct Shelf {
  objects::Scratch scratch;
  SeededRandom random{7};
  StoreLimits limits;
  std::unique_ptr<objects::Objects> objects;
  std::unique_ptr<Store> store;

  explicit Shelf(bool in_files = false, StoreLimits with = {}) : limits(with) {
    objects = in_files ? objects::file_objects(scratch.path / "store")
                       : objects::memory_objects(scratch.path);
    reopen();
  }
  void reopen() {
    store = std::make_unique<Store>(*objects, random, limits);
    const auto opened = store->open();
    if (!opened) FAIL(opened.error().message);
  }
  Arrival arrival(const std::string& content = "a,b\n1,2\n",
                  const std::string& file_name = "cars.CSV") {
    const fs::path file = scratch.path / "arrival";
    std::ofstream(file, std::ios::binary) << content;
    return {.file = file,
            .file_name = file_name,
            .owner = "ana",
            .bytes = content.size(),
            .sha256 = std::string(64, 'a'),
            .rows = 1,
            .summary = "{}"};
  }
  DataSet add(const std::string& name = "Cars", Time now = start) {
    auto added = store->add("acme", name, std::nullopt, arrival(), now);
    if (!added) FAIL(added.error().message);
    return *added;
  }
  std::string content(const DataSet& set, std::size_t version) {
    const auto file = store->file("acme", set, set.versions.at(version));
    REQUIRE(file);
    std::ifstream stream(*file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  std::size_t object_count() { return objects->list("")->size(); }
};

}  // namespace

TEST_CASE("a data set is kept in versions, across a restart, in files and in memory") {
  for (const bool in_files : {false, true}) {
    CAPTURE(in_files);
    Shelf shelf(in_files);
    const DataSet first = shelf.add();
    CHECK(first.id.size() == 32);
    CHECK(first.latest().suffix == ".csv");
    CHECK_FALSE(fs::exists(shelf.scratch.path / "arrival"));
    const auto second = shelf.store->add_version("acme", first.id, shelf.arrival("a\n9\n", "other"),
                                                 start + std::chrono::seconds{1});
    REQUIRE(second);
    CHECK(second->versions.size() == 2);
    CHECK(second->latest().number == 2);
    CHECK(second->versions[0] == first.versions[0]);
    shelf.reopen();
    const auto found = shelf.store->find("acme", first.id, ana);
    REQUIRE(found);
    CHECK(*found == *second);
    CHECK(shelf.content(*found, 0) == "a,b\n1,2\n");
    CHECK(shelf.content(*found, 1) == "a\n9\n");
    CHECK(*shelf.store->summary("acme", *found, found->latest()) == "{}");
    REQUIRE(shelf.store->remove("acme", first.id));
    CHECK(shelf.object_count() == 0);
    CHECK(shelf.store->find("acme", first.id, ana).error().outcome == Outcome::not_found);
  }
}

TEST_CASE("a data set is its company's alone") {
  Shelf shelf;
  const DataSet set = shelf.add();
  for (const auto outcome :
       {shelf.store->find("rival", set.id, ana).error().outcome,
        shelf.store->rename("rival", set.id, "x").error().outcome,
        shelf.store->set_expiry("rival", set.id, start).error().outcome,
        shelf.store->remove("rival", set.id).error().outcome,
        shelf.store->last_uploaded("rival", ana).error().outcome,
        shelf.store->add_version("rival", set.id, shelf.arrival(), start).error().outcome}) {
    CHECK(outcome == Outcome::not_found);
  }
  CHECK(shelf.store->list("rival", "", 10, ana)->sets.empty());
  CHECK(shelf.store->find("acme", set.id, ana).has_value());
}

TEST_CASE("what a crash left half is swept, and a damaged set is left alone") {
  Shelf shelf;
  const DataSet whole = shelf.add();
  REQUIRE(shelf.objects->put("datasets/acme/0123/1.csv", "half"));
  REQUIRE(shelf.objects->put("datasets/acme/" + whole.id + "/2.csv", "half"));
  REQUIRE(shelf.objects->put("datasets/acme/4567/set.json", "{\"format\":1"));
  REQUIRE(shelf.objects->put("datasets/acme/4567/1.csv", "whose JSON is damaged"));
  REQUIRE(shelf.objects->put("lake/other", "not ours"));
  shelf.reopen();
  CHECK(shelf.object_count() == 6);
  CHECK(shelf.objects->get("datasets/acme/4567/1.csv").has_value());
  CHECK_FALSE(shelf.objects->get("datasets/acme/0123/1.csv").has_value());
  CHECK_FALSE(shelf.objects->get("datasets/acme/" + whole.id + "/2.csv").has_value());
  CHECK(shelf.store->list("acme", "", 10, ana)->sets.size() == 1);
}

TEST_CASE("data sets are listed page by page, the youngest first") {
  Shelf shelf;
  for (int number = 0; number < 5; ++number) {
    shelf.add(std::to_string(number), start + std::chrono::seconds{number / 2});
  }
  std::string names;
  std::string after;
  std::size_t pages = 0;
  do {
    const auto page = shelf.store->list("acme", after, 2, ana);
    REQUIRE(page);
    for (const DataSet& set : page->sets) {
      names += set.name;
    }
    after = page->next;
    ++pages;
  } while (!after.empty());
  CHECK(pages == 3);
  CHECK(names.size() == 5);
  CHECK(names.front() == '4');
  for (const char* damaged : {"x", "-", "12", "12-", "-12-x"}) {
    CHECK(shelf.store->list("acme", damaged, 2, ana).error().outcome == Outcome::invalid);
  }
}

TEST_CASE("a data set is renamed, and goes when it expires") {
  Shelf shelf(true);
  const DataSet set = shelf.add();
  CHECK(shelf.store->rename("acme", set.id, "Coches ñ")->name == "Coches ñ");
  CHECK_FALSE(*shelf.store->remove_expired(time_max));
  const Time end = start + std::chrono::hours{1};
  REQUIRE(shelf.store->set_expiry("acme", set.id, end));
  shelf.reopen();
  CHECK_FALSE(*shelf.store->remove_expired(end - Duration{1}));
  const auto removed = shelf.store->remove_expired(end);
  REQUIRE(*removed);
  CHECK((*removed)->id == set.id);
  CHECK(shelf.object_count() == 0);
}

TEST_CASE("a company keeps so much and no more") {
  const auto outcome = [](const auto& result) {
    return result ? "taken" : std::string(name_of(result.error().outcome));
  };
  StoreLimits limits;
  limits.sets_max = 2;
  limits.versions_max = 2;
  limits.name_bytes_max = 5;
  limits.summary_bytes_max = 10;
  Shelf shelf(false, limits);
  const DataSet first = shelf.add("12345");
  const auto add = [&](const std::string& name) {
    return outcome(shelf.store->add("acme", name, std::nullopt, shelf.arrival(), start));
  };
  CHECK(add("123456") == "invalid");
  CHECK(add("") == "invalid");
  CHECK(add("a\nb") == "invalid");
  CHECK(shelf.store->rename("acme", first.id, "123456").error().outcome == Outcome::invalid);
  CHECK(add("two") == "taken");
  CHECK(add("three") == "exhausted");
  const auto version = [&](const std::string& summary) {
    Arrival arrival = shelf.arrival();
    arrival.summary = summary;
    return outcome(shelf.store->add_version("acme", first.id, arrival, start));
  };
  CHECK(version("12345678901") == "invalid");
  CHECK(version("1234567890") == "taken");
  CHECK(version("{}") == "exhausted");

  StoreLimits small;
  small.bytes_max = 12;
  Shelf tight(false, small);
  tight.add();  // 8 bytes
  CHECK(tight.store->check_room("acme", 4, true).has_value());
  CHECK(tight.store->check_room("acme", 5, true).error().outcome == Outcome::exhausted);
  CHECK(tight.store->check_room("rival", 12, true).has_value());
  CHECK(outcome(tight.store->add("acme", "x", std::nullopt, tight.arrival("12345"), start)) ==
        "exhausted");
  CHECK(outcome(tight.store->add("acme", "x", std::nullopt, tight.arrival("1234"), start)) ==
        "taken");
}

TEST_CASE("a file's name gives a suffix only when that is safe in a key") {
  Shelf shelf;
  for (const auto& [name, suffix] : std::map<std::string, std::string>{{"a.csv.GZ", ".gz"},
                                                                       {"noend", ""},
                                                                       {"a.", ""},
                                                                       {"a.c/v", ""},
                                                                       {"../../etc/x.cs v", ""},
                                                                       {".parquet", ".parquet"}}) {
    CAPTURE(name);
    const auto added = shelf.store->add("acme", "x", std::nullopt, shelf.arrival("x", name), start);
    REQUIRE(added);
    CHECK(added->latest().suffix == suffix);
  }
}

TEST_CASE("a set survives being written and read, and another format is not guessed at") {
  DataSet set;
  set.id = "0123";
  set.name = "n\"ñ";
  set.owner = "ana";
  set.created_at = start;
  set.expires_at = time_max;
  set.versions.push_back({1, 2, "ab", "f", "ana", ".csv", 3, 4, start});
  CHECK(*set_from_json(to_json(set)) == set);
  set.expires_at.reset();
  CHECK(*set_from_json(to_json(set)) == set);
  set.sharing = Sharing::owner;
  CHECK(*set_from_json(to_json(set)) == set);
  CHECK(set_from_json("{\"format\":3}").error().outcome == Outcome::unsupported);
  std::string beyond = to_json(set);
  beyond.replace(beyond.find("\"rows\": 3"), 9, "\"rows\": 1e300");
  set.versions.clear();
  for (const std::string& damaged : {std::string(), std::string("[]"), std::string("{}"), beyond,
                                     std::string("{\"format\":1}"), to_json(set)}) {
    CHECK(set_from_json(damaged).error().outcome == Outcome::corrupt);
  }
}

TEST_CASE("a data set that is private is there for its owner and for those who see all") {
  Shelf shelf(true);
  const Viewer bea{"bea"};
  const Viewer administrator{"zoe", true};
  const DataSet cars = shelf.add();
  CHECK(shelf.store->find("acme", cars.id, bea)->sharing == Sharing::company);
  REQUIRE(shelf.store->share("acme", cars.id, Sharing::owner));
  shelf.reopen();
  for (const Viewer& viewer : {ana, administrator}) {
    CAPTURE(viewer.name);
    CHECK(shelf.store->find("acme", cars.id, viewer)->sharing == Sharing::owner);
    CHECK(shelf.store->list("acme", "", 10, viewer)->sets.size() == 1);
    CHECK(shelf.store->last_uploaded("acme", viewer)->id == cars.id);
  }
  CHECK(shelf.store->find("acme", cars.id, bea).error().outcome == Outcome::not_found);
  CHECK(shelf.store->find("acme", cars.id, bea).error().message ==
        shelf.store->find("acme", std::string(32, '0'), bea).error().message);
  CHECK(shelf.store->list("acme", "", 10, bea)->sets.empty());
  CHECK(shelf.store->last_uploaded("acme", bea).error().outcome == Outcome::not_found);
  // A new version keeps it as it is.
  REQUIRE(shelf.store->add_version("acme", cars.id, shelf.arrival(), start));
  CHECK_FALSE(shelf.store->find("acme", cars.id, bea));
  REQUIRE(shelf.store->share("acme", cars.id, Sharing::company));
  CHECK(shelf.store->find("acme", cars.id, bea).has_value());
}

}  // namespace cauce::datasets
