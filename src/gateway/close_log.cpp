#include "gateway/close_log.h"

#include <fmt/core.h>

#include "base/log.h"

namespace cauce::gateway {
namespace {

std::string_view name_of(Ending ending) {
  switch (ending) {
    case Ending::left: return "clients left";
    case Ending::refused: return "clients were not admitted";
    case Ending::violation: return "connections were closed for what they sent";
    case Ending::silent: return "connections were closed for their silence";
    case Ending::replaced: return "connections were taken over";
    case Ending::revoked: return "connections were revoked";
    case Ending::slow: return "connections were closed because they do not read";
    case Ending::full: return "connections were over the limit";
    case Ending::undelivered: return "sessions lost messages";
    case Ending::limited: return "pauses or refusals for a limit";
    case Ending::forbidden: return "messages were refused for their topic";
    case Ending::broken: return "long requests broke off";
  }
  return "";
}

}  // namespace

void CloseLog::add(Ending ending, std::string line, Whose whose) {
  counters_[std::size_t(ending)].add();
  Kind& kind = kinds_[std::size_t(ending)];
  if (kind.lines == 0 || clock_.elapsed() - kind.since >= span) begin_span(ending, kind);
  if (kind.lines >= lines_max) {
    ++kind.suppressed;
    return;
  }
  ++kind.lines;
  for (char& character : line) {
    if (static_cast<unsigned char>(character) < 0x20 || character == 0x7F) character = '?';
  }
  write_(ending, line, whose);
}

void CloseLog::look_around() {
  for (std::size_t index = 0; index < kinds_.size(); ++index) {
    Kind& kind = kinds_[index];
    if (kind.suppressed > 0 && clock_.elapsed() - kind.since >= span) {
      begin_span(Ending(index), kind);
    }
  }
}

void CloseLog::begin_span(Ending ending, Kind& kind) {
  if (kind.suppressed > 0) {
    write_(ending,
           fmt::format("{} more {} in {} s", kind.suppressed, name_of(ending),
                       (clock_.elapsed() - kind.since).count() / 1000000),
           Whose{});
  }
  kind = Kind{clock_.elapsed(), 0, 0};
}

void write_to_log(Ending ending, std::string_view line, CloseLog::Whose whose) {
  const auto write = ending == Ending::left ? log::detail : log::notice;
  write(line, {{"company", whose.company}, {"device", whose.device}});
}

}  // namespace cauce::gateway
