// For tests of sinks: passes everything to another writer until told to refuse derived appends, as
// a writer does that is full or whose disk failed.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "stream/stream.h"

namespace cauce::delivery {

class RefusingWriter final : public stream::Writer {
 public:
  explicit RefusingWriter(stream::Writer& writer) : writer_(writer) {}

  // After `appends_left` more derived appends, the others get this outcome.
  std::optional<Outcome> refuse_with;
  int appends_left = 0;

  Result<void> append(stream::Partition partition, std::vector<Bytes> records,
                      stream::Acknowledge acknowledge) override {
    return writer_.append(partition, std::move(records), std::move(acknowledge));
  }
  Result<void> append_derived(stream::Partition partition, std::vector<Bytes> records,
                              stream::Source source) override {
    if (refuse_with && appends_left-- <= 0) return Error{*refuse_with, "refused by the test"};
    return writer_.append_derived(partition, std::move(records), source);
  }
  stream::Position derived_end(stream::Partition partition,
                               stream::Partition source) const override {
    return writer_.derived_end(partition, source);
  }
  stream::Position derived_end_durable(stream::Partition partition,
                                       stream::Partition source) const override {
    return writer_.derived_end_durable(partition, source);
  }
  work::Worker& worker() override { return writer_.worker(); }
  Result<void> trim(stream::Partition partition, stream::Position before) override {
    return writer_.trim(partition, before);
  }

 private:
  stream::Writer& writer_;
};

}  // namespace cauce::delivery
