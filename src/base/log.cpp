#include "base/log.h"

#include <fmt/format.h>
#include <pthread.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>

#include <array>
#include <cstdint>

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

// How many bytes the UTF-8 character at the beginning of `text` has (RFC 3629, section 4); 0 when
// none begins there.
std::size_t character_bytes(std::string_view text) {
  const auto byte = [&](std::size_t index) {
    return index < text.size() ? static_cast<std::uint8_t>(text[index]) : std::uint8_t{0};
  };
  const auto follows = [&](std::size_t index) { return (byte(index) & 0xc0) == 0x80; };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first < 0xf0) {
    const bool least = first != 0xe0 || byte(1) >= 0xa0;
    const bool surrogate = first == 0xed && byte(1) >= 0xa0;
    return least && !surrogate && follows(1) && follows(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first < 0xf5) {
    const bool inside = (first != 0xf0 || byte(1) >= 0x90) && (first != 0xf4 || byte(1) < 0x90);
    return inside && follows(1) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
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

std::string json_string(std::string_view text) {
  std::string json = "\"";
  while (!text.empty()) {
    const std::size_t bytes = character_bytes(text);
    const char first = text.front();
    if (bytes == 0) {
      json += "\xEF\xBF\xBD";
    } else if (first == '"' || first == '\\') {
      json += {'\\', first};
    } else if (static_cast<std::uint8_t>(first) < 0x20) {
      json += fmt::format("\\u{:04x}", static_cast<unsigned>(first));
    } else {
      json += text.substr(0, bytes);
    }
    text.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  return json + '"';
}

}  // namespace cauce::log
