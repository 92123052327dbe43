#include "base/log.h"

#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>

namespace cauce::log {
namespace {

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::detail: return spdlog::level::debug;
    case Level::notice: return spdlog::level::info;
    case Level::warning: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

void start(std::string_view process, Level least) {
  auto sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>();
  auto logger = std::make_shared<spdlog::logger>(std::string(process), std::move(sink));
  logger->set_level(to_spdlog(least));
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %n %v", spdlog::pattern_time_type::utc);
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void error(std::string_view message) {
  spdlog::error("error    {}", message);
}
void warning(std::string_view message) {
  spdlog::warn("warning  {}", message);
}
void notice(std::string_view message) {
  spdlog::info("notice   {}", message);
}
void detail(std::string_view message) {
  spdlog::debug("detail   {}", message);
}

}  // namespace cauce::log
