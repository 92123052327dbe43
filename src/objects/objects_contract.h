// What every engine of the object store must do. An engine's test calls it once for a new, empty
// store; `scratch` is an existing directory for local files.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "objects/objects.h"

namespace cauce::objects::contract {

inline std::vector<std::string> keys_of(Objects& objects, std::string_view prefix) {
  auto listed = objects.list(prefix);
  REQUIRE(listed);
  std::vector<std::string> keys;
  for (const Object& object : *listed) {
    keys.push_back(object.key);
  }
  return keys;
}

inline Bytes content_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return Bytes{std::istreambuf_iterator<char>(stream), {}};
}

inline void keeps_what_is_put(Objects& objects) {
  const Bytes bytes("a\0b\xff", 4);
  REQUIRE(objects.put("lake/company=acme/0-1.parquet", bytes));
  CHECK(*objects.get("lake/company=acme/0-1.parquet") == bytes);
  REQUIRE(objects.put("lake/company=acme/0-1.parquet", "other"));
  CHECK(*objects.get("lake/company=acme/0-1.parquet") == "other");
  REQUIRE(objects.put("empty", ""));
  CHECK(objects.get("empty")->empty());
  const Bytes large(5u << 20, 'x');
  REQUIRE(objects.put("large", large));
  CHECK(*objects.get("large") == large);
}

inline void takes_local_files(Objects& objects, const std::filesystem::path& scratch) {
  const std::filesystem::path file = scratch / "source";
  std::ofstream(file, std::ios::binary) << "content";
  REQUIRE(objects.put_file("a/b", file));
  CHECK(*objects.get("a/b") == "content");
  CHECK_FALSE(std::filesystem::exists(file));
  CHECK_FALSE(objects.put_file("a/c", scratch / "absent").has_value());
  CHECK(objects.get("a/c").error().outcome == Outcome::not_found);
}

inline void hands_out_local_copies(Objects& objects) {
  REQUIRE(objects.put("a/b", "one"));
  auto copy = objects.local_copy("a/b");
  REQUIRE(copy);
  CHECK(content_of(*copy) == "one");
  REQUIRE(objects.put("a/b", "two"));
  CHECK(content_of(*objects.local_copy("a/b")) == "two");
  CHECK(objects.local_copy("a").error().outcome == Outcome::not_found);
  CHECK(objects.local_copy("c").error().outcome == Outcome::not_found);
}

inline void creates_once(Objects& objects) {
  REQUIRE(objects.create("log/0", "first"));
  auto second = objects.create("log/0", "second");
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().outcome == Outcome::conflict);
  CHECK(second.error().message.find("log/0") != std::string::npos);
  CHECK(*objects.get("log/0") == "first");
}

inline void lets_one_of_many_creators_win(Objects& objects) {
  constexpr int creators = 8;
  constexpr int rounds = 20;
  std::atomic<int> wins = 0;
  std::atomic<int> others = 0;
  std::vector<std::thread> threads;
  for (int creator = 0; creator < creators; ++creator) {
    threads.emplace_back([&, creator] {
      for (int round = 0; round < rounds; ++round) {
        auto created = objects.create("race/" + std::to_string(round), std::to_string(creator));
        if (created) {
          ++wins;
        } else if (created.error().outcome != Outcome::conflict) {
          ++others;
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(wins == rounds);
  CHECK(others == 0);
  CHECK(keys_of(objects, "race/").size() == rounds);
}

inline void lists_in_byte_order(Objects& objects) {
  for (const char* key : {"b/2", "b/10", "b/1/x", "a", "b=c/d", "bz", "c/_log/0.json"}) {
    REQUIRE(objects.put(key, key));
  }
  using Keys = std::vector<std::string>;
  CHECK(keys_of(objects, "") == Keys{"a", "b/1/x", "b/10", "b/2", "b=c/d", "bz", "c/_log/0.json"});
  CHECK(keys_of(objects, "b/") == Keys{"b/1/x", "b/10", "b/2"});
  CHECK(keys_of(objects, "b/1") == Keys{"b/1/x", "b/10"});
  CHECK(keys_of(objects, "b") == Keys{"b/1/x", "b/10", "b/2", "b=c/d", "bz"});
  CHECK(keys_of(objects, "c/_log/") == Keys{"c/_log/0.json"});
  CHECK(keys_of(objects, "nothing/here").empty());
  CHECK(objects.list("b/10")->at(0).bytes == 4);
}

inline void removes(Objects& objects) {
  REQUIRE(objects.put("a/b", "x"));
  REQUIRE(objects.remove("a/b"));
  CHECK(objects.get("a/b").error().outcome == Outcome::not_found);
  CHECK(keys_of(objects, "").empty());
  CHECK(objects.remove("a/b").has_value());
  CHECK(objects.remove("never/was").has_value());
  REQUIRE(objects.create("a/b", "again"));
}

inline void refuses_what_is_no_key(Objects& objects) {
  const std::string longest_name(key_name_bytes_max, 'n');
  const std::string longest =
      longest_name + "/" + longest_name + "/" + longest_name + "/" + std::string(132, 'n');
  REQUIRE(longest.size() == key_bytes_max);
  CHECK(objects.put(longest, "x").has_value());
  CHECK(*objects.get(longest) == "x");
  for (const std::string& key :
       {longest + "n", longest_name + "n", std::string(), std::string("/"), std::string("/a"),
        std::string("a/"), std::string("a//b"), std::string(".."), std::string("a/../b"),
        std::string("../a"), std::string("."), std::string("a/."), std::string(".hidden"),
        std::string("a b"), std::string("a\\b"), std::string("a\0b", 3), std::string("ñ"),
        std::string("a\nb"), std::string("a*")}) {
    CAPTURE(key);
    CHECK(objects.put(key, "x").error().outcome == Outcome::invalid);
    CHECK(objects.create(key, "x").error().outcome == Outcome::invalid);
    CHECK(objects.get(key).error().outcome == Outcome::invalid);
    CHECK(objects.local_copy(key).error().outcome == Outcome::invalid);
    CHECK(objects.remove(key).error().outcome == Outcome::invalid);
  }
}

inline void keeps_objects_and_folders_apart(Objects& objects) {
  REQUIRE(objects.put("a/b/c", "x"));
  CHECK(objects.put("a/b", "x").error().outcome == Outcome::invalid);
  CHECK(objects.create("a/b/c/d", "x").error().outcome == Outcome::invalid);
  CHECK(objects.get("a/b").error().outcome == Outcome::not_found);
  CHECK(objects.get("a/b/c/d").error().outcome == Outcome::not_found);
  CHECK(*objects.get("a/b/c") == "x");
}

inline void check(Objects& objects, const std::filesystem::path& scratch) {
  SUBCASE("keeps what is put") {
    keeps_what_is_put(objects);
  }
  SUBCASE("takes local files") {
    takes_local_files(objects, scratch);
  }
  SUBCASE("hands out local copies") {
    hands_out_local_copies(objects);
  }
  SUBCASE("creates once") {
    creates_once(objects);
  }
  SUBCASE("lets one of many creators win") {
    lets_one_of_many_creators_win(objects);
  }
  SUBCASE("lists in byte order") {
    lists_in_byte_order(objects);
  }
  SUBCASE("removes") {
    removes(objects);
  }
  SUBCASE("refuses what is no key") {
    refuses_what_is_no_key(objects);
  }
  SUBCASE("keeps objects and folders apart") {
    keeps_objects_and_folders_apart(objects);
  }
}

}  // namespace cauce::objects::contract
