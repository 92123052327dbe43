#include "stream/records.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace cauce::stream {
namespace {

// Short and long ones, so that pieces are shared, filled and exceeded.
std::vector<Bytes> many(std::size_t count, char letter) {
  std::vector<Bytes> records;
  for (std::size_t index = 0; index < count; ++index)
    records.push_back(Bytes(index * 37 % 9'000, letter) + std::to_string(index));
  return records;
}

}  // namespace

TEST_CASE("records are what was put in, in that order, the empty one too") {
  Records records{"a", "", "ccc"};
  records.push_back("d");
  CHECK(records.size() == 4);
  CHECK(records[1].empty());
  CHECK(records.front() == "a");
  CHECK(records.back() == "d");
  CHECK(records == Records{"a", "", "ccc", "d"});
  CHECK_FALSE(records == Records{"a", "", "cccd"});
  CHECK(Records{}.empty());
}

TEST_CASE("a copy has its own memory") {
  const std::vector<Bytes> wanted = many(300, 'x');
  auto original = std::make_unique<Records>(wanted);
  Records copy{*original};
  original->push_back("only there");
  original.reset();
  CHECK(copy == wanted);
}

TEST_CASE("who was moved from is empty and takes records again; its views live where it went") {
  Records source = many(300, 'x');
  const BytesView first = source.front();
  const Records target = std::move(source);
  CHECK(target == many(300, 'x'));
  CHECK(target.front().data() == first.data());
  CHECK(source.empty());
  source.push_back("new");
  CHECK(source == Records{"new"});
  CHECK(target == many(300, 'x'));
}

TEST_CASE("what is appended stands behind, and both go on") {
  Records records = many(50, 'a');
  records.append(many(70, 'b'));
  records.append({});
  records.push_back("last");
  std::vector<Bytes> wanted = many(50, 'a');
  for (const Bytes& record : many(70, 'b'))
    wanted.push_back(record);
  wanted.emplace_back("last");
  CHECK(records == wanted);
}

TEST_CASE("records may lie within one copy of many bytes") {
  Records records;
  std::string bytes = "one two";
  const BytesView kept = records.keep(bytes);
  bytes.assign(bytes.size(), '-');
  records.refer(kept.substr(0, 3));
  records.refer(kept.substr(4));
  records.push_back("three");
  CHECK(records == Records{"one", "two", "three"});
}

}  // namespace cauce::stream
