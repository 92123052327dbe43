#include "ledger/findings.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace cauce::ledger {
namespace {

class Findings {
 public:
  Findings(const Sheet& sheet, FindingLimits limits)
      : sheet_(sheet), account_(sheet.account), limits_(limits), recent_(recent_tally(sheet)) {}

  std::vector<Finding> all() {
    if (account_.total().messages == 0) {
      add_never_seen();
      return std::move(findings_);
    }
    add_silence();
    add_undecodable();
    add_sequence();
    add_duplicates();
    add_clock();
    return std::move(findings_);
  }

 private:
  void add(std::string_view code, std::string english, std::string spanish) {
    findings_.push_back({code, std::move(english), std::move(spanish)});
  }

  // `longest` is the longest pause that is not this silence.
  bool is_unusual(Duration silence, std::optional<Duration> longest) const {
    const auto typical = account_.intervals().median();
    return typical && silence >= limits_.silence_min &&
           silence >= *typical * limits_.silence_share &&
           silence >= longest.value_or(Duration{0}) * 2;
  }
  bool is_silent() const { return is_unusual(sheet_.quiet(), account_.intervals().largest()); }
  // A silence that is over is an interval itself. Of one that sends in bursts it may be the first
  // of its pauses.
  bool was_silent() const {
    const LastSpans& intervals = account_.intervals();
    const Duration silence = recent_.silence_longest;
    return is_unusual(silence, in_bursts() ? intervals.largest() : intervals.largest_but(silence));
  }

  bool in_bursts() const {
    const LastSpans& intervals = account_.intervals();
    constexpr Duration pause_min = std::chrono::seconds{1};
    return intervals.count() > 0 && *intervals.median() < pause_min &&
           *intervals.largest() >= pause_min;
  }
  // "every 60 s"; of one that sends in bursts the pause between them.
  std::string rhythm() const {
    const LastSpans& intervals = account_.intervals();
    return words_of(in_bursts() ? *intervals.largest() : intervals.median().value_or(Duration{0}));
  }

  void add_never_seen();
  void add_silence();
  void add_undecodable();
  void add_sequence();
  void add_missing();
  void add_duplicates();
  void add_clock();

  const Sheet& sheet_;
  const Account& account_;
  const FindingLimits limits_;
  const Tally recent_;
  std::vector<Finding> findings_;
};

void Findings::add_never_seen() {
  if (sheet_.began_at == time_min) {
    add("never_seen", "Nothing was counted yet.", "Aún no se ha contado nada.");
    return;
  }
  const std::string since = format_time(sheet_.began_at);
  add("never_seen", fmt::format("Nothing has come from it since counting began at {}.", since),
      fmt::format("No ha llegado nada suyo desde que se empezó a contar, el {}.", since));
}

void Findings::add_silence() {
  const Duration quiet = sheet_.quiet();
  if (is_silent()) {
    add("silent",
        fmt::format("Silent for {}; it used to send every {}.", words_of(quiet), rhythm()),
        fmt::format("En silencio desde hace {}; solía enviar cada {}.", words_of(quiet), rhythm()));
    return;
  }
  if (!was_silent()) return;
  const std::string span = words_of(recent_.silence_longest);
  const std::string until = format_time(recent_.silence_until);
  add("interrupted",
      fmt::format("It was silent for {} until {}; it usually sends every {}.", span, until,
                  rhythm()),
      fmt::format("Estuvo en silencio {} hasta el {}; suele enviar cada {}.", span, until,
                  rhythm()));
}

void Findings::add_undecodable() {
  if (recent_.dead_letters == 0) return;
  add("undecodable",
      fmt::format("{} of its {} messages could not be read; the dead letters say why.",
                  recent_.dead_letters, recent_.messages),
      fmt::format("{} de sus {} mensajes no se pudieron leer; las cartas muertas dicen por qué.",
                  recent_.dead_letters, recent_.messages));
}

void Findings::add_sequence() {
  if (!account_.has_sequence()) {
    add("gaps_unknown",
        "Its device type names no value that counts its messages, so gaps cannot be seen.",
        "Su tipo de dispositivo no nombra ningún valor que cuente sus mensajes, así que no se "
        "ven los huecos.");
    return;
  }
  const std::uint64_t unnumbered = account_.without_number() + account_.unusable_numbers();
  constexpr double share_told = 0.01;
  const bool is_told = double(unnumbered) > share_told * double(account_.total().messages);
  if (!account_.counter().last() || is_told) {
    add("number_absent",
        fmt::format("{} of its {} messages have no whole number in the value that should count "
                    "them, so gaps between them cannot be seen.",
                    unnumbered, account_.total().messages),
        fmt::format("{} de sus {} mensajes no tienen un número entero en el valor que debería "
                    "contarlos, así que no se ven los huecos entre ellos.",
                    unnumbered, account_.total().messages));
  }
  add_missing();
  if (recent_.restarts == 0 || account_.counter().restarts().empty()) return;
  const Restart& last = account_.counter().restarts().back();
  const bool once = recent_.restarts == 1;
  add("restarted",
      fmt::format("Its counter began again {} {} with {} after {}: the device probably restarted.",
                  once ? "at" : fmt::format("{} times, last at", recent_.restarts),
                  format_time(last.at), last.to, last.from),
      fmt::format("Su contador empezó de nuevo {} {} con {} después de {}: probablemente el "
                  "dispositivo se reinició.",
                  once ? "el" : fmt::format("{} veces, la última el", recent_.restarts),
                  format_time(last.at), last.to, last.from));
}

void Findings::add_missing() {
  if (recent_.missing <= recent_.late) return;
  const std::uint64_t missing = recent_.missing - recent_.late;
  const double percent = 100.0 * double(missing) / double(missing + recent_.messages);
  std::string english = fmt::format("{} messages are missing ({:.2g} %)", missing, percent);
  std::string spanish = fmt::format("Faltan {} mensajes ({:.2g} %)", missing, percent);
  if (!account_.counter().gaps().empty()) {
    const Gap& last = account_.counter().gaps().back();
    const std::string noticed = format_time(last.noticed_at);
    english +=
        fmt::format("; the last ones are {} to {}, noticed at {}", last.from, last.to, noticed);
    spanish +=
        fmt::format("; los últimos son del {} al {}, advertido el {}", last.from, last.to, noticed);
  }
  add("missing", english + ".", spanish + ".");
}

void Findings::add_duplicates() {
  const std::uint64_t twice = recent_.duplicates + recent_.repeated;
  if (twice == 0) return;
  add("duplicates",
      fmt::format("{} of its {} messages came again: acknowledgements do not reach it, or it does "
                  "not keep what was acknowledged.",
                  twice, recent_.messages),
      fmt::format("{} de sus {} mensajes llegaron otra vez: no recibe las confirmaciones, o no "
                  "recuerda qué se le confirmó.",
                  twice, recent_.messages));
}

void Findings::add_clock() {
  const auto typical = account_.skews().median();
  if (!typical) return;
  if (*typical < -limits_.skew_max) {
    add("clock_ahead", fmt::format("Its clock is ahead by {}.", words_of(-*typical)),
        fmt::format("Su reloj va adelantado {}.", words_of(-*typical)));
  } else if (*typical > limits_.skew_max) {
    add("clock_behind",
        fmt::format("Its clock is behind, or it sends late: by {}.", words_of(*typical)),
        fmt::format("Su reloj va atrasado, o envía tarde: {}.", words_of(*typical)));
  }
}

}  // namespace

Tally recent_tally(const Sheet& sheet) {
  Tally tally;
  for (const Bucket& bucket : sheet.hours)
    add(tally, bucket.tally);
  return tally;
}

std::string words_of(Duration span) {
  const double seconds = double(span.count()) / 1e6;
  if (span > Duration{0} && span < std::chrono::milliseconds{1}) return "< 1 ms";
  if (seconds < 10) return fmt::format("{:.2g} s", seconds);
  if (seconds < 100) return fmt::format("{} s", std::lround(seconds));
  if (seconds < 5400) return fmt::format("{} min", std::lround(seconds / 60));
  if (seconds < 36'000) {
    const long minutes = std::lround(seconds / 60);
    if (minutes % 60 == 0) return fmt::format("{} h", minutes / 60);
    return fmt::format("{} h {} min", minutes / 60, minutes % 60);
  }
  if (seconds < 172'800) return fmt::format("{} h", std::lround(seconds / 3600));
  return fmt::format("{} d", std::lround(seconds / 86'400));
}

std::vector<Finding> findings_of(const Sheet& sheet, FindingLimits limits) {
  return Findings{sheet, limits}.all();
}

}  // namespace cauce::ledger
