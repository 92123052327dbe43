#include "api/sensor_words.h"

namespace cauce::api {

std::vector<charts::ColumnWords> words_of_sensors(charts::Locale locale) {
  if (locale != charts::Locale::es) return {};
  return {{"time", "momento"},
          {"value", "valor"},
          // of windows
          {"mean", "media"},
          {"min", "mínimo"},
          {"max", "máximo"},
          {"p50", "mediana"},
          {"p95", "percentil 95"},
          {"deviation", "desviación típica"},
          {"count", "número de valores"},
          {"first", "valor inicial"},
          {"last", "valor final"},
          // of facts
          {"text", "texto"},
          {"device", "dispositivo"},
          {"site", "sede"},
          {"area", "zona"},
          {"device_type", "tipo de dispositivo"},
          {"unit", "unidad"},
          {"quality", "calidad"}};
}

}  // namespace cauce::api
