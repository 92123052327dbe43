// What app/ wires to the api, held in plain containers: for the tests of this room.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "api/sources.h"

namespace cauce::api {

class ShelfOfAlarms final : public AlarmHistory {
 public:
  std::vector<Alarm> kept;  // the youngest first

  Result<std::vector<Alarm>> list(const AlarmQuery& query) override;
  Result<std::optional<Alarm>> find(std::string_view company, std::uint64_t id) override;
  Result<std::vector<Alarm>> overlapping(const AlarmStretch& stretch) override;
};

class ShelfOfLetters final : public DeadLetterShelf {
 public:
  std::vector<DeadLetter> kept;  // the youngest first

  Result<std::vector<DeadLetter>> list(const DeadLetterQuery& query) override;
  Result<std::optional<DeadLetter>> find(std::string_view company, RawPosition at) override;
  Result<std::vector<DeadLetterCount>> counts(std::string_view company, std::string_view device,
                                              std::size_t counts_max) override;
};

class StandingPlatform final : public Platform {
 public:
  Disk disk_now{700'000'000'000, 1'000'000'000'000};
  std::vector<ProcessState> processes_now;
  std::vector<GroupLag> groups_now;
  std::vector<TopicSpan> topics_now;
  std::vector<ProcessMetrics> metrics_now;
  std::optional<net::Address> ingest_now = net::Address{"127.0.0.1", 8081};
  std::optional<Error> fault;  // of every question

  Result<Disk> disk() override;
  Result<std::vector<ProcessState>> processes() override;
  Result<std::vector<GroupLag>> groups() override;
  Result<std::vector<TopicSpan>> topics() override;
  Result<std::vector<ProcessMetrics>> metrics() override;
  std::optional<net::Address> gateway_address() override;
  std::optional<net::Address> ingest_address() override;
};

}  // namespace cauce::api
