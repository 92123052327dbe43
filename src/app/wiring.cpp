#include "app/wiring.h"

#include <algorithm>

#include "stream/retention.h"

namespace cauce::app {

Result<std::unique_ptr<business::Registry>> open_registry(const Machine& machine) {
  return machine.engines.business(machine.random)->open_registry();
}

Result<std::unique_ptr<stream::Writer>> open_writer(const Machine& machine,
                                                    std::string_view topic) {
  return machine.engines.topic(topic)->open_writer();
}

Result<std::unique_ptr<stream::Reader>> open_reader(const Machine& machine,
                                                    std::string_view topic) {
  return machine.engines.topic(topic)->open_reader();
}

Result<std::unique_ptr<work::Worker>> deliver_topic(const Machine& machine, std::string_view topic,
                                                    std::string group, delivery::Sink& sink,
                                                    delivery::Options options) {
  Result<std::unique_ptr<stream::Reader>> reader = open_reader(machine, topic);
  if (!reader) return reader.error();
  Result<std::unique_ptr<stream::Cursors>> cursors = machine.engines.topic(topic)->open_cursors();
  if (!cursors) return cursors.error();
  options.meters = delivery::Meters::in(machine.metrics, group);
  return delivery::deliver(std::move(group), std::move(*reader), std::move(*cursors),
                           stream::Partition{0}, sink, machine.clock, options);
}

Result<std::unique_ptr<work::Worker>> retain_topic(const Machine& machine, std::string_view topic,
                                                   stream::Writer& writer,
                                                   std::vector<std::string> groups,
                                                   Duration age_least) {
  Result<std::unique_ptr<stream::Reader>> reader = open_reader(machine, topic);
  if (!reader) return reader.error();
  Result<std::unique_ptr<stream::Cursors>> cursors = machine.engines.topic(topic)->open_cursors();
  if (!cursors) return cursors.error();
  stream::RetentionOptions options;
  options.age_max = std::max(machine.config.stream_retention, age_least);
  options.groups = std::move(groups);
  return stream::retain(writer, std::move(*reader), std::move(*cursors), machine.free_space,
                        machine.clock, std::move(options));
}

}  // namespace cauce::app
