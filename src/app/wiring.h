// What several roles open in the same way.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/role.h"
#include "delivery/delivery.h"

namespace cauce::app {

// A batch that becomes files is made anew at each try: on a full disk that is no work for every
// 20 ms.
constexpr Duration whole_batch_retry_interval = std::chrono::seconds{1};

Result<std::unique_ptr<business::Registry>> open_registry(const Machine& machine);
Result<std::unique_ptr<stream::Writer>> open_writer(const Machine& machine, std::string_view topic);
Result<std::unique_ptr<stream::Reader>> open_reader(const Machine& machine, std::string_view topic);

// Delivers `topic` to `sink` as the consumer group `group`.
Result<std::unique_ptr<work::Worker>> deliver_topic(const Machine& machine, std::string_view topic,
                                                    std::string group, delivery::Sink& sink,
                                                    delivery::Options options);

// Trims `topic`, which `writer` writes, by age once `groups` have passed; what is younger than
// `age_least` stays whatever the configuration says.
Result<std::unique_ptr<work::Worker>> retain_topic(const Machine& machine, std::string_view topic,
                                                   stream::Writer& writer,
                                                   std::vector<std::string> groups,
                                                   Duration age_least = Duration{0});

// Hands a made role over as the interface, or its failure.
template <class MadeRole, class... Given>
Result<std::unique_ptr<Role>> open_role(const Machine& machine, Given&&... given) {
  auto role = std::make_unique<MadeRole>();
  const Result<void> opened = role->open(machine, std::forward<Given>(given)...);
  if (!opened) return opened.error();
  return std::unique_ptr<Role>{std::move(role)};
}

// Puts the value of `result` into `target`, or answers why there is none.
template <class T>
Result<void> put(Result<T> result, T& target) {
  if (!result) return result.error();
  target = std::move(*result);
  return {};
}

}  // namespace cauce::app
