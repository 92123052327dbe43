#include "stream/memory/memory.h"

#include <doctest/doctest.h>

#include "stream/stream_contract.h"

namespace cauce::stream {
namespace {

class MemoryFixture final : public ContractFixture {
 public:
  void reopen() override {}
  Topic& topic() override { return *topic_; }

 private:
  std::unique_ptr<Topic> topic_ = memory::make_topic(
      "raw", {.partitions = 2, .bytes_in_flight_max = contract_bytes_in_flight_max}, clock());
};

}  // namespace

TEST_CASE("the memory engine keeps the contract of the stream") {
  check_contract([] { return std::make_unique<MemoryFixture>(); });
}

}  // namespace cauce::stream
