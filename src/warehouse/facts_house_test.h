// Facts in a warehouse, for the tests of those who read it: the company `acme` with its site
// `plant`, on memory objects.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <utility>
#include <vector>

#include "objects/memory/memory.h"
#include "objects/scratch.h"
#include "record/fact.h"
#include "warehouse/facts.h"

namespace cauce::warehouse {

struct FactsHouse {
  explicit FactsHouse(Time now) : clock(now) {}

  // A temperature of the device "a".
  record::Fact fact(const char* time, record::Value value) {
    record::Fact fact;
    fact.company = "acme";
    fact.site = "plant";
    fact.device = "a";
    fact.metric = "temperature";
    fact.unit = "Cel";
    fact.time = fact.received_at = *parse_time(time);
    fact.value = std::move(value);
    fact.origin = {0, ++position, 0, 0};
    return fact;
  }

  // They are committed when it returns.
  void deliver(const std::vector<record::Fact>& facts) {
    FactsOptions options;
    options.files.scratch_directory = scratch.path / "facts";
    Facts sink{*store, clock, options};
    REQUIRE(sink.open());
    stream::Batch batch;
    batch.from = sink.resume_at();
    batch.to = {batch.from.number + facts.size()};
    for (const record::Fact& one : facts)
      batch.records.push_back(record::encode(one));
    REQUIRE(sink.deliver(batch));
  }

  objects::Scratch scratch;
  std::unique_ptr<objects::Objects> store = objects::memory_objects(scratch.path);
  VirtualClock clock;
  std::uint64_t position = 0;
};

}  // namespace cauce::warehouse
