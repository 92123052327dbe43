#include "alarms/text.h"

#include <doctest/doctest.h>

namespace cauce::alarms {
namespace {

const Time start = from_microseconds(1'795'304'920'000'000);

Alarm threshold_alarm(double peak, std::string unit) {
  Alarm alarm;
  alarm.metric = "pressure";
  alarm.limit = 85;
  alarm.peak = peak;
  alarm.unit = std::move(unit);
  alarm.since = alarm.raised_value_time = start;
  return alarm;
}

std::string shown(double peak, std::string unit, Language language = Language::english) {
  const std::string text = sentence_about(threshold_alarm(peak, std::move(unit)), language);
  return text.substr(9, text.find(", ") - 9);
}

}  // namespace

TEST_CASE("numbers are written as people read them") {
  CHECK(shown(91.6, "%") == "91.6 %");
  CHECK(shown(91.604, "%") == "91.6 %");
  CHECK(shown(100, "Cel") == "100 °C");
  CHECK(shown(-0.001, "Cel") == "-0.001 °C");
  CHECK(shown(-0.0, "") == "0");
  CHECK(shown(101325, "Pa") == "101325 Pa");
  CHECK(shown(1.5e12, "") == "1.5e+12");
}

TEST_CASE("Spanish has decimal commas") {
  const std::string text = sentence_about(threshold_alarm(91.6, "%RH"), Language::spanish);
  CHECK(text == "pressure 91,6 %, por encima de 85 % desde 2026-11-21T23:48:40Z");
}

TEST_CASE("below is said as below") {
  Alarm alarm = threshold_alarm(-20, "Cel");
  alarm.direction = business::Direction::below;
  CHECK(sentence_about(alarm, Language::english) ==
        "pressure -20 °C, below 85 °C since 2026-11-21T23:48:40Z");
  alarm.cleared_at = alarm.cleared_value_time = start + std::chrono::minutes{1};
  CHECK(sentence_about(alarm, Language::english) ==
        "pressure down to -20 °C, below 85 °C from 2026-11-21T23:48:40Z to 2026-11-21T23:49:40Z");
  CHECK(sentence_about(alarm, Language::spanish) ==
        "pressure hasta -20 °C, por debajo de 85 °C desde 2026-11-21T23:48:40Z hasta "
        "2026-11-21T23:49:40Z");
}

TEST_CASE("a silence says how long, and its last value if there was one") {
  Alarm alarm;
  alarm.kind = business::RuleKind::silence;
  alarm.span = std::chrono::minutes{65};
  alarm.since = start;
  CHECK(sentence_about(alarm, Language::english) == "silent for 1 h 5 min");
  alarm.value = 27.3;
  alarm.unit = "Cel";
  CHECK(sentence_about(alarm, Language::english) == "silent for 1 h 5 min, last value 27.3 °C");
  alarm.cleared_at = start + std::chrono::hours{49};
  CHECK(sentence_about(alarm, Language::english) ==
        "silent for 2 d 1 h until 2026-11-24T00:48:40Z, last value 27.3 °C");
  CHECK(sentence_about(alarm, Language::spanish) ==
        "sin datos durante 2 d 1 h hasta 2026-11-24T00:48:40Z, último valor 27,3 °C");
}

TEST_CASE("an anomaly says what was unusual, by how much and in how long") {
  Alarm alarm;
  alarm.kind = business::RuleKind::anomaly;
  alarm.metric = "humidity";
  alarm.feature = "value";
  alarm.peak = alarm.feature_peak = 91.6;
  alarm.limit = 47.8;
  alarm.unit = "%";
  alarm.span = std::chrono::minutes{195};
  CHECK(sentence_about(alarm, Language::english) ==
        "humidity 91.6 %, 44 above anything in 3 h 15 min");
  CHECK(sentence_about(alarm, Language::spanish) ==
        "humidity 91,6 %, 44 por encima de todo lo visto en 3 h 15 min");
  alarm.direction = business::Direction::below;
  alarm.limit = 94;
  CHECK(sentence_about(alarm, Language::english) ==
        "humidity 91.6 %, 2.4 below anything in 3 h 15 min");
  alarm.feature = "level";
  alarm.feature_peak = 93.88;
  CHECK(sentence_about(alarm, Language::english) ==
        "humidity 91.6 %, its mean of 24 readings 0.12 below anything in 3 h 15 min");
  alarm.feature = "season";
  alarm.feature_peak = -12.4;
  CHECK(sentence_about(alarm, Language::english) ==
        "humidity 91.6 %, 12 below what is usual at this hour, the furthest in 3 h 15 min");
  CHECK(sentence_about(alarm, Language::spanish) ==
        "humidity 91,6 %, 12 por debajo de lo habitual a esta hora, lo más lejos en 3 h 15 min");
  alarm.feature = "departure";
  CHECK(sentence_about(alarm, Language::english) ==
        "humidity 91.6 %, 12 below its recent mean, the furthest in 3 h 15 min");
}

TEST_CASE("one message is singular, and each stage has its verb") {
  Alarm alarm;
  alarm.kind = business::RuleKind::undecodable;
  alarm.peak = 1;
  alarm.stage = "parse";
  CHECK(sentence_about(alarm, Language::english) == "1 message cannot be decoded");
  CHECK(sentence_about(alarm, Language::spanish) == "1 mensaje no se puede decodificar");
  alarm.peak = 2;
  alarm.stage = "identify";
  alarm.detail = "key 7 sent, key 3 on record";
  alarm.cleared_at = start;
  CHECK(sentence_about(alarm, Language::english) ==
        "2 messages could not be identified: key 7 sent, key 3 on record");
  CHECK(sentence_about(alarm, Language::spanish) ==
        "2 mensajes no se pudieron identificar: clave 7 enviada, clave 3 registrada");
}

}  // namespace cauce::alarms
