#include "alarms/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "record/reason.h"

namespace cauce::alarms {
namespace {

using business::Direction;
using business::RuleKind;

std::string number_text(double value, Language language) {
  // Two decimals are what sensors mean; far from 1 four significant digits say it shorter.
  const double size = std::fabs(value);
  std::string text = size != 0 && (size < 0.01 || size >= 1e9) ? fmt::format("{:.4g}", value)
                                                               : fmt::format("{:.2f}", value);
  if (text.find('.') != std::string::npos && text.find('e') == std::string::npos) {
    while (text.back() == '0')
      text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  if (text == "-0") text = "0";
  if (language == Language::spanish) std::replace(text.begin(), text.end(), '.', ',');
  return text;
}

std::string quantity(double value, std::string_view unit, Language language) {
  std::string text = number_text(value, language);
  if (!unit.empty()) text += " " + unit_for_people(unit);
  return text;
}

// The two largest units that are not zero: "10 s", "5 min", "1 h 5 min", "2 d 3 h".
std::string duration_text(Duration duration) {
  struct Unit {
    std::int64_t seconds;
    std::string_view name;
  };
  constexpr std::array<Unit, 4> units{{{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}}};
  std::int64_t rest = std::max<std::int64_t>(0, duration.count() / 1000000);
  if (rest == 0) return "0 s";
  std::string text;
  int parts = 0;
  for (const Unit& unit : units) {
    const std::int64_t count = rest / unit.seconds;
    if (count == 0 || parts == 2) continue;
    if (parts > 0) text += " ";
    text += fmt::format("{} {}", count, unit.name);
    rest %= unit.seconds;
    ++parts;
  }
  return text;
}

std::string threshold_text(const Alarm& alarm, Language language) {
  const bool english = language == Language::english;
  const bool above = alarm.direction == Direction::above;
  const std::string value = quantity(alarm.peak.value_or(alarm.limit), alarm.unit, language);
  const std::string limit = quantity(alarm.limit, alarm.unit, language);
  const std::string since = format_time(alarm.since);
  const std::string_view side =
      english ? (above ? "above" : "below") : (above ? "por encima de" : "por debajo de");
  if (alarm.open()) {
    return fmt::format("{} {}, {} {} {} {}", alarm.metric, value, side, limit,
                       english ? "since" : "desde", since);
  }
  const std::string_view worst = english ? (above ? "up to" : "down to") : "hasta";
  return fmt::format("{} {} {}, {} {} {} {} {} {}", alarm.metric, worst, value, side, limit,
                     english ? "from" : "desde", since, english ? "to" : "hasta",
                     format_time(alarm.cleared_value_time));
}

// How far something went, to two digits: "44", "4.4", "0.12".
std::string distance_text(double distance, Language language) {
  const double size = std::fabs(distance);
  std::string text =
      size >= 10 && size < 1e9 ? fmt::format("{:.0f}", size) : fmt::format("{:.2g}", size);
  if (language == Language::spanish) std::replace(text.begin(), text.end(), '.', ',');
  return text;
}

// "44 above anything", "12 below its recent mean, a record": what the feature did, by how much.
std::string novelty_text(const Alarm& alarm, Language language) {
  const bool english = language == Language::english;
  const auto side = [english](bool above) {
    return english ? (above ? "above" : "below") : (above ? "por encima de" : "por debajo de");
  };
  const bool is_value = alarm.feature == "value";
  if (is_value || alarm.feature == "level") {
    const std::string far = distance_text(alarm.feature_peak - alarm.limit, language);
    return fmt::format("{}{} {} {}",
                       is_value  ? ""
                       : english ? "its mean of 24 readings "
                                 : "su media de 24 lecturas ",
                       far, side(alarm.direction == Direction::above),
                       english ? "anything" : "todo lo visto");
  }
  const bool is_season = alarm.feature == "season";
  return fmt::format(
      "{} {} {}, {}", distance_text(alarm.feature_peak, language), side(alarm.feature_peak >= 0),
      is_season ? (english ? "what is usual at this hour" : "lo habitual a esta hora")
                : (english ? "its recent mean" : "su media reciente"),
      english ? "the furthest" : "lo más lejos");
}

std::string anomaly_text(const Alarm& alarm, Language language) {
  return fmt::format("{} {}, {} {} {}", alarm.metric,
                     quantity(alarm.peak.value_or(0), alarm.unit, language),
                     novelty_text(alarm, language), language == Language::english ? "in" : "en",
                     duration_text(alarm.span));
}

std::string silence_text(const Alarm& alarm, Language language) {
  const bool english = language == Language::english;
  std::string text;
  if (alarm.open()) {
    text = (english ? "silent for " : "sin datos desde hace ") + duration_text(alarm.span);
  } else {
    text = fmt::format("{} {} {} {}", english ? "silent for" : "sin datos durante",
                       duration_text(*alarm.cleared_at - alarm.since), english ? "until" : "hasta",
                       format_time(*alarm.cleared_at));
  }
  if (alarm.value) {
    text += (english ? ", last value " : ", último valor ") +
            quantity(*alarm.value, alarm.unit, language);
  }
  return text;
}

struct Verbs {
  std::string_view english;
  std::string_view spanish;
};

Verbs verbs_of(std::string_view stage) {
  if (stage == "identify") return {"identified", "identificar"};
  if (stage == "decrypt") return {"decrypted", "descifrar"};
  return {"decoded", "decodificar"};
}

std::string undecodable_text(const Alarm& alarm, Language language) {
  const auto count = std::int64_t(alarm.peak.value_or(0));
  const bool one = count == 1;
  const Verbs verbs = verbs_of(alarm.stage);
  std::string text;
  if (language == Language::english) {
    text = fmt::format("{} {} {} be {}", count, one ? "message" : "messages",
                       alarm.open() ? "cannot" : "could not", verbs.english);
  } else {
    const std::string_view can =
        alarm.open() ? (one ? "puede" : "pueden") : (one ? "pudo" : "pudieron");
    text =
        fmt::format("{} {} no se {} {}", count, one ? "mensaje" : "mensajes", can, verbs.spanish);
  }
  if (alarm.detail.empty()) return text;
  if (language == Language::english) return text + ": " + alarm.detail;
  return text + ": " + record::reason_in_spanish(alarm.detail).value_or(alarm.detail);
}

std::string_view text_of(ClearReason reason, Language language) {
  const bool english = language == Language::english;
  switch (reason) {
    case ClearReason::recovered: return "";
    case ClearReason::rule_changed: return english ? "rule changed" : "regla cambiada";
    case ClearReason::rule_disabled: return english ? "rule disabled" : "regla desactivada";
    case ClearReason::rule_removed: return english ? "rule removed" : "regla eliminada";
    case ClearReason::device_disabled:
      return english ? "device disabled" : "dispositivo desactivado";
    case ClearReason::device_removed: return english ? "device removed" : "dispositivo eliminado";
    case ClearReason::rule_not_applicable:
      return english ? "rule no longer applies to the device"
                     : "la regla ya no se aplica al dispositivo";
  }
  return "";
}

}  // namespace

std::string unit_for_people(std::string_view unit) {
  if (unit == "Cel") return "°C";
  if (unit == "[degF]") return "°F";
  if (unit == "%RH") return "%";
  if (unit == "Ohm") return "Ω";
  return std::string(unit);
}

std::string sentence_about(const Alarm& alarm, Language language) {
  std::string text;
  switch (alarm.kind) {
    case RuleKind::threshold: text = threshold_text(alarm, language); break;
    case RuleKind::silence: text = silence_text(alarm, language); break;
    case RuleKind::undecodable: text = undecodable_text(alarm, language); break;
    case RuleKind::anomaly: text = anomaly_text(alarm, language); break;
  }
  if (!alarm.open() && alarm.clear_reason != ClearReason::recovered) {
    text += fmt::format(" ({})", text_of(alarm.clear_reason, language));
  }
  return text;
}

std::string sentence_about(const Gap& gap, Language language) {
  const bool english = language == Language::english;
  std::string text = english ? "not evaluated" : "sin evaluar";
  if (gap.from) text += (english ? " from " : " desde ") + format_time(*gap.from);
  if (gap.to) text += (english ? " to " : " hasta ") + format_time(*gap.to);
  switch (gap.reason) {
    case GapReason::retention:
      text += english ? ": the stream no longer held records "
                      : ": el flujo ya no tenía los registros ";
      return text +
             fmt::format("{} {} {}", gap.from_position, english ? "to" : "a", gap.to_position);
    case GapReason::alarms_open_max:
      return text + (english ? ": too many open alarms" : ": demasiadas alarmas abiertas");
    case GapReason::instances_max:
      return text +
             (english ? ": too many devices under rules" : ": demasiados dispositivos con reglas");
  }
  return text;
}

}  // namespace cauce::alarms
