#include "charts/drawing/reasons.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "charts/drawing/number_text.h"

namespace cauce::charts::drawing {

namespace {

// What stands for {} in English stands in the same order in Spanish.
struct Sentence {
  std::string_view english, spanish;
};

constexpr std::array<Sentence, 12> sentences{{
    {"none of the {} rows has a value of {} and {}: there is nothing to draw",
     "ninguna de las {} filas tiene un valor de {} y de {}: no hay nada que dibujar"},
    {"none of the {} rows has a value of {}: there is nothing to draw",
     "ninguna de las {} filas tiene un valor de {}: no hay nada que dibujar"},
    {"the table has no rows: there is nothing to draw",
     "no queda ninguna fila: no hay nada que dibujar"},
    {"{} goes from {} to {}, which is too far apart to be drawn: leave out the largest values",
     "{} va de {} a {}, demasiado lejos para dibujarlo: aparte los valores más grandes"},
    {"{} goes from {} to {}, out of proportion to its bandwidth of {}; bars would count them",
     "{} va de {} a {}, fuera de proporción con su ancho de banda de {}"},
    {"{} goes from {} to {}, out of proportion to its bandwidth of {}",
     "{} va de {} a {}, fuera de proporción con su ancho de banda de {}"},
    {"{} has one value, {}: a density curve needs two; bars would count them",
     "{} tiene un solo valor, {}: una curva de densidad necesita dos"},
    {"all {} values of {} are {}: they have no density curve; bars would count them",
     "los {} valores de {} son {}: no tienen curva de densidad"},
    {"all {} values of {} are {}: there is no density along it; draw the other column alone",
     "los {} valores de {} son {}: no hay densidad a lo largo de ella"},
    {"one row has both values: a density needs two; draw points (scatter)",
     "una sola fila tiene los dos valores: una densidad necesita dos"},
    {"no group of {} has a density curve; of {}: {}",
     "ningún grupo de {} tiene una curva de densidad; de {}: {}"},
    {"no row of this group has a value of {}", "ninguna fila de este grupo tiene un valor de {}"},
}};

constexpr std::string_view gap = "{}";
constexpr std::string_view left_out = " are not above 0 and have no place on a log scale)";

// What stands in the gaps; nothing: it is another sentence.
std::optional<std::vector<std::string>> matched(std::string_view text, std::string_view pattern) {
  std::vector<std::string> found;
  for (;;) {
    const std::size_t next = pattern.find(gap);
    if (text.substr(0, next) != pattern.substr(0, next)) return std::nullopt;
    if (next == std::string_view::npos)
      return text == pattern ? std::optional{found} : std::nullopt;
    text.remove_prefix(next);
    pattern.remove_prefix(next + gap.size());
    const std::string_view until = pattern.substr(0, pattern.find(gap));
    const std::size_t end = until.empty() ? text.size() : text.find(until);
    if (end == std::string_view::npos) return std::nullopt;
    found.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

// Numbers as Spanish writes them, sentences in Spanish, names as they are.
std::string translated(const std::string& part) {
  std::string digits = part;
  std::erase(digits, ',');
  double number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, failure] = std::from_chars(digits.data(), end, number);
  if (!digits.empty() && failure == std::errc{} && stop == end)
    return number_text(number, 9, Locale::es);
  return reason_in_spanish(part).value_or(part);
}

}  // namespace

std::optional<std::string> reason_in_spanish(std::string_view reason) {
  // Which rows had no place stands behind, in brackets.
  const std::size_t bracket = reason.ends_with(left_out) ? reason.rfind(" (") : reason.npos;
  if (bracket != reason.npos) {
    const auto before = reason_in_spanish(reason.substr(0, bracket));
    const std::string_view rows =
        reason.substr(bracket + 2, reason.size() - bracket - 2 - left_out.size());
    if (!before) return std::nullopt;
    return *before + " (" + translated(std::string(rows)) +
           " no son mayores que 0 y no tienen lugar en la escala logarítmica)";
  }
  for (const Sentence& sentence : sentences) {
    const auto parts = matched(reason, sentence.english);
    if (!parts) continue;
    std::string text{sentence.spanish};
    std::size_t at = 0;
    for (const std::string& part : *parts) {
      const std::string word = translated(part);
      at = text.find(gap, at);
      text.replace(at, gap.size(), word);
      at += word.size();
    }
    return text;
  }
  return std::nullopt;
}

}  // namespace cauce::charts::drawing
