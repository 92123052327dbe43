#include "api/metrics_page.h"

#include "api/pulse.h"
#include "metrics/exposition.h"

namespace cauce::api {
namespace {

using metrics::Metrics;

void add_sample(const Sample& sample, Metrics& metrics) {
  const auto restarts =
      metrics.counters("cauce_process_restarts_total",
                       "Restarts of the process since the supervisor started.", {"process"});
  for (const ProcessState& process : sample.processes)
    restarts.at({process.name}).add(static_cast<std::uint64_t>(process.restarts));
  const auto records = metrics.gauges("cauce_group_lag_records",
                                      "Records that a group of consumers has not processed yet.",
                                      {"group", "topic"});
  const auto seconds = metrics.gauges(
      "cauce_group_lag_seconds", "Age of the oldest record not processed yet.", {"group", "topic"});
  const metrics::Gauge waiting =
      metrics.gauge("cauce_jobs_waiting", "Jobs of statistics that wait for a worker.");
  for (const GroupLag& group : sample.groups) {
    records.at({group.group, group.topic}).set(static_cast<double>(group.records));
    const double age = std::chrono::duration<double>(group.oldest_age).count();
    seconds.at({group.group, group.topic}).set(age);
    if (group.topic == "jobs") waiting.set(static_cast<double>(group.records));
  }
  const metrics::Gauge free =
      metrics.gauge("cauce_disk_free_bytes", "Free on the disk of the data directory.");
  const metrics::Gauge size =
      metrics.gauge("cauce_disk_size_bytes", "Size of the disk of the data directory.");
  if (!sample.disk) return;
  free.set(static_cast<double>(sample.disk->free_bytes));
  size.set(static_cast<double>(sample.disk->total_bytes));
}

void add_topics(const std::vector<TopicSpan>& topics, Metrics& metrics) {
  const auto first =
      metrics.gauges("cauce_stream_first_position", "The oldest record kept.", {"topic"});
  const auto end =
      metrics.gauges("cauce_stream_end_position", "One past the last durable record.", {"topic"});
  for (const TopicSpan& topic : topics) {
    first.at({topic.topic}).set(static_cast<double>(topic.first));
    end.at({topic.topic}).set(static_cast<double>(topic.end));
  }
}

// Of the header Host. A page that lets its own name point to this machine (DNS rebinding) cannot
// choose another.
bool is_loopback(std::string_view host) {
  if (host == "[::1]" || host.starts_with("[::1]:")) return true;
  const std::string_view name = host.substr(0, host.find(':'));
  const bool numeric = name.find_first_not_of("0123456789.") == std::string_view::npos;
  return name == "localhost" || (numeric && name.starts_with("127."));
}

}  // namespace

bool may_see_metrics_unasked(const Options& options, const net::Request& request) {
  if (!options.metrics_open || request.headers.contains("forwarded") ||
      request.headers.contains("x-forwarded-for"))
    return false;
  const auto host = request.headers.find("host");
  return host == request.headers.end() || is_loopback(host->second);
}

Result<Answer> show_metrics(Call& call) {
  const bool asked = !may_see_metrics_unasked(call.options, call.request);
  if (asked && (!call.caller.sees_all() || call.caller.access != business::Access::owner))
    return Error{Outcome::denied, "Only the owner of the installation may see its metrics."};
  auto processes = call.house.platform.metrics();
  if (!processes) return processes.error();
  const auto topics = call.house.platform.topics();
  if (!topics) return topics.error();

  Metrics whole;
  whole.gauges("cauce_build_info", "1; the version is a label.", {"version"})
      .at({CAUCE_VERSION})
      .set(1);
  const auto up =
      whole.gauges("cauce_process_up",
                   "1 while the process writes its metrics, 0 when it does not.", {"process"});
  std::vector<metrics::Exposition> parts;
  for (ProcessMetrics& process : *processes) {
    up.at({process.process}).set(process.fresh ? 1 : 0);
    parts.push_back({process.process, std::move(process.text)});
  }
  const auto sample = call.pulse.last();
  const Health health = judge(sample.get(), call.house.clock.elapsed(), call.options);
  whole.gauge("cauce_healthy", "1 when /healthz answers 200.").set(health.ok ? 1 : 0);
  add_topics(*topics, whole);
  if (sample) add_sample(*sample, whole);
  parts.push_back({"", whole.text()});
  return Answer{.json = metrics::merge(parts),
                .content_type = "text/plain; version=0.0.4; charset=utf-8"};
}

}  // namespace cauce::api
