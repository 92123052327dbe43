#include "base/log.h"

#include <fmt/core.h>
#include <pthread.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>

#include <array>

#include "base/json.h"

namespace cauce::log {
namespace {

// Written by start() before other threads exist.
Format chosen_format = Format::text;

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::detail: return spdlog::level::debug;
    case Level::notice: return spdlog::level::info;
    case Level::warning: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string_view name_of(Level level) {
  switch (level) {
    case Level::detail: return "detail";
    case Level::notice: return "notice";
    case Level::warning: return "warning";
    case Level::error: return "error";
  }
  return "error";
}

std::string name_of_this_thread() {
  constexpr std::size_t linux_name_bytes = 16;
  std::array<char, linux_name_bytes> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return name.data();
}

// What follows time and process in the object.
std::string json_members(Level level, std::string_view message, Fields fields) {
  std::string text = fmt::format(R"("level":"{}","thread":{},"message":{})", name_of(level),
                                 json_string(name_of_this_thread()), json_string(message));
  for (const Field& field : fields) {
    if (field.value.empty()) continue;
    text += fmt::format(",{}:{}", json_string(field.name), json_string(field.value));
  }
  return text;
}

void write(Level level, std::string_view message, Fields fields) {
  if (!writes(level)) return;
  if (chosen_format == Format::json) {
    spdlog::log(to_spdlog(level), "{}", json_members(level, message, fields));
  } else {
    spdlog::log(to_spdlog(level), "{:<7}  {}", name_of(level), message);
  }
}

}  // namespace

Format format() {
  return chosen_format;
}

void start(std::string_view process, Level least, Format format) {
  chosen_format = format;
  auto sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>();
  auto logger = std::make_shared<spdlog::logger>(std::string(process), std::move(sink));
  logger->set_level(to_spdlog(least));
  logger->set_pattern(format == Format::json
                          ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","process":"%n",%v})"
                          : "%Y-%m-%dT%H:%M:%S.%eZ %n %v",
                      spdlog::pattern_time_type::utc);
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
}

bool writes(Level level) {
  return spdlog::should_log(to_spdlog(level));
}

void error(std::string_view message, Fields fields) {
  write(Level::error, message, fields);
}
void warning(std::string_view message, Fields fields) {
  write(Level::warning, message, fields);
}
void notice(std::string_view message, Fields fields) {
  write(Level::notice, message, fields);
}
void detail(std::string_view message, Fields fields) {
  write(Level::detail, message, fields);
}

}  // namespace cauce::log
