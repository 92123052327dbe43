#include "stream/embedded/meters.h"

namespace cauce::stream::embedded {

Meters Meters::in(metrics::Metrics& metrics, std::string_view topic) {
  const std::vector<std::string> label{std::string(topic)};
  const auto counter = [&](std::string_view name, std::string_view help) {
    return metrics.counters(name, help, {"topic"}).at(label);
  };
  return {counter("cauce_stream_appends_total", "Appends taken by the topic's writer."),
          counter("cauce_stream_records_total", "Records made durable."),
          counter("cauce_stream_bytes_total", "Bytes made durable, frames included."),
          metrics.histograms("cauce_stream_sync_seconds", "How long fdatasync took.", {"topic"})
              .at(label),
          counter("cauce_stream_segments_deleted_total", "Segments that retention deleted.")};
}

}  // namespace cauce::stream::embedded
