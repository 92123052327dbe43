#include "charts/reasons.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "charts/drawing/number_text.h"

namespace cauce::charts {

namespace {

// What stands for {} in English stands in the same order in Spanish.
struct Sentence {
  std::string_view english, spanish;
};

// Of those that fit the first counts, so a sentence stands before the ones that would take a part
// of it for a name.
constexpr std::array sentences{
    // what befalls the rows
    Sentence{"none of the {} rows has a value of {} and {}: there is nothing to draw",
             "ninguna de las {} filas tiene un valor de {} y de {}: no hay nada que dibujar"},
    Sentence{"none of the {} rows has a value of {}: there is nothing to draw",
             "ninguna de las {} filas tiene un valor de {}: no hay nada que dibujar"},
    Sentence{"the table has no rows: there is nothing to draw",
             "no queda ninguna fila: no hay nada que dibujar"},
    Sentence{"{} goes from {} to {}, which is too far apart to be drawn: leave out the largest "
             "values",
             "{} va de {} a {}, demasiado lejos para dibujarlo: aparte los valores más grandes"},
    Sentence{"{} goes from {} to {}, out of proportion to its bandwidth of {}; bars would count "
             "them",
             "{} va de {} a {}, fuera de proporción con su ancho de banda de {}"},
    Sentence{"{} goes from {} to {}, out of proportion to its bandwidth of {}",
             "{} va de {} a {}, fuera de proporción con su ancho de banda de {}"},
    Sentence{"{} has one value, {}: a density curve needs two; bars would count them",
             "{} tiene un solo valor, {}: una curva de densidad necesita dos"},
    Sentence{"all {} values of {} are {}: they have no density curve; bars would count them",
             "los {} valores de {} son {}: no tienen curva de densidad"},
    Sentence{"all {} values of {} are {}: there is no density along it; draw the other column "
             "alone",
             "los {} valores de {} son {}: no hay densidad a lo largo de ella"},
    Sentence{"one row has both values: a density needs two; draw points (scatter)",
             "una sola fila tiene los dos valores: una densidad necesita dos"},
    Sentence{"no group of {} has a density curve; of {}: {}",
             "ningún grupo de {} tiene una curva de densidad; de {}: {}"},
    Sentence{"no row of this group has a value of {}",
             "ninguna fila de este grupo tiene un valor de {}"},
    // what is too much for one chart
    Sentence{"{} has more than {} different values: choose a column with fewer for --facet",
             "{} tiene más de {} valores distintos: elija una columna con menos para --facet"},
    Sentence{"{} has more than {} different values: choose a column with fewer",
             "{} tiene más de {} valores distintos: elija una columna con menos"},
    Sentence{"{} has {} values, and there are {} violins at most: choose a column with fewer, or "
             "boxes",
             "{} tiene {} valores, y hay {} violines como mucho: elija una columna con menos, o "
             "cajas"},
    Sentence{
        "{} values of {} by {} of {} are more than {} parts of bars: choose columns with fewer",
        "{} valores de {} por {} de {} son más de {} partes de barras: elija columnas con "
        "menos"},
    Sentence{"{} values of {} by {} of {} are more than {} cells: gather dates with --period, or "
             "take scatter with --cells for numbers",
             "{} valores de {} por {} de {} son más de {} celdas: reúna las fechas con --period, o "
             "dibuje una dispersión de los números"},
    Sentence{"{} x {} cells of {} values of {} are more than {} counts: take fewer cells",
             "{} x {} celdas de {} valores de {} son más de {} cuentas: tome menos celdas"},
    Sentence{"{} bins of {} groups are too many counts: take fewer --bins",
             "{} intervalos de {} grupos son demasiadas cuentas: tome menos --bins"},
    // columns that do not fit the chart
    Sentence{"{} is text, and {kind} needs numbers there: take a column of numbers, or draw bars "
             "that count the rows of each value (bar --x)",
             "{} es texto, y aquí {kind} necesita números: elija una columna de números, o dibuje "
             "barras que cuenten las filas de cada valor"},
    Sentence{"{} is text, and {kind} needs numbers there: take a column of numbers, or count its "
             "values with bars (bar --x)",
             "{} es texto, y aquí {kind} necesita números: elija una columna de números, o cuente "
             "sus valores con barras"},
    Sentence{"{} is a column of type {type}: --size is for numbers; take it for --color",
             "{} es una columna de tipo {type}: --size es para números; elíjala para --color"},
    Sentence{"{} is a column of type {type}: a log scale is for numbers",
             "{} es una columna de tipo {type}: una escala logarítmica es para números"},
    Sentence{"{} is a column of type {type}: a period is for dates",
             "{} es una columna de tipo {type}: un periodo es para fechas"},
    Sentence{
        "{} goes down to {}, and no area is below 0: take it for --color, or leave these rows "
        "out with --where",
        "{} baja hasta {}, y ninguna superficie es menor que 0: elíjala para --color, o aparte "
        "estas filas con --where"},
    Sentence{"{} of {} adds up to {} and has no share of a whole: take --bars stacked or grouped",
             "{} de {} suma {} y no es parte de un total: elija --bars apiladas o agrupadas"},
    Sentence{"scatter of {} against itself is a line: take another column for --y, or draw a "
             "histogram of it",
             "la dispersión de {} frente a sí misma es una recta: elija otra columna para --y, o "
             "dibuje su histograma"},
    Sentence{"density of {} against itself is a line: leave out --y, or take another column for it",
             "la densidad de {} frente a sí misma es una recta: quite --y, o elija otra columna"},
    Sentence{"--columns names {} twice: once is enough",
             "--columns nombra {} dos veces: basta con una"},
    Sentence{"no column {}; did you mean {}?", "no hay ninguna columna {}; ¿quería decir {}?"},
    Sentence{"no column {}; there are: {}", "no hay ninguna columna {}; hay: {}"},
    // ways that do not go together
    Sentence{"bar needs --y with a column of numbers for a sum or a median; without --y it counts "
             "rows",
             "las barras necesitan en --y una columna de números para una suma o una mediana; sin "
             "--y cuentan filas"},
    Sentence{"stacked bars and shares need --color: it names their parts",
             "las barras apiladas y las partes de un total necesitan --color: nombra sus partes"},
    Sentence{
        "means and medians do not add up to a whole: take --aggregate sum or count, or --bars "
        "grouped",
        "las medias y las medianas no suman un total: elija en --aggregate la suma o el número "
        "de filas, o --bars una junto a otra"},
    Sentence{"line shows the mean, the sum or the count of each x; box shows medians",
             "las líneas muestran la media, la suma o el número de cada x; las cajas muestran "
             "medianas"},
    Sentence{"pairs takes --columns with 2 to 8 columns of numbers, and --color to tell groups "
             "apart, not {} of them",
             "los pares toman en --columns de 2 a 8 columnas de números, no {}"},
    Sentence{"{kind} needs {} and {}: it takes {}", "{kind}: falta elegir {} y {}"},
    Sentence{"{kind} needs {}: it takes {}", "{kind}: falta elegir {}"},
};

// Which rows were left out, behind a sentence in brackets.
constexpr std::array remarks{
    Sentence{"{} rows do not fulfil the conditions, {} are not above 0 and have no place on a log "
             "scale",
             "{} filas no cumplen las condiciones, {} no son mayores que 0 y no tienen lugar en la "
             "escala logarítmica"},
    Sentence{"{} are not above 0 and have no place on a log scale",
             "{} no son mayores que 0 y no tienen lugar en la escala logarítmica"},
    Sentence{"{} rows do not fulfil the conditions", "{} filas no cumplen las condiciones"},
};

struct Word {
  std::string_view english, spanish;
};
constexpr std::array kinds{
    Word{"scatter", "la dispersión"},     Word{"bar", "un gráfico de barras"},
    Word{"box", "un gráfico de cajas"},   Word{"density", "la densidad"},
    Word{"histogram", "el histograma"},   Word{"ecdf", "la proporción acumulada"},
    Word{"line", "un gráfico de líneas"}, Word{"heat", "el mapa de calor"},
    Word{"pairs", "un gráfico de pares"}};
constexpr std::array types{Word{"number", "número"}, Word{"text", "texto"}, Word{"date", "fecha"},
                           Word{"datetime", "momento"}, Word{"boolean", "sí o no"}};

// A pattern from its next gap on: `{}` is a name, a number or a sentence, `{kind}` and `{type}` are
// words of ours.
struct Gap {
  std::size_t start = std::string_view::npos;  // npos: there is none
  std::string_view text;                       // with its brackets
};

Gap next_gap(std::string_view pattern) {
  const std::size_t start = pattern.find('{');
  if (start == pattern.npos) return {};
  return {start, pattern.substr(start, pattern.find('}', start) + 1 - start)};
}

struct Part {
  std::string_view gap;
  std::string text;
};

// What stands in the gaps; nothing: it is another sentence.
std::optional<std::vector<Part>> matched(std::string_view text, std::string_view pattern) {
  std::vector<Part> found;
  for (;;) {
    const Gap gap = next_gap(pattern);
    if (gap.text.empty()) return text == pattern ? std::optional{found} : std::nullopt;
    if (text.substr(0, gap.start) != pattern.substr(0, gap.start)) return std::nullopt;
    text.remove_prefix(gap.start);
    pattern.remove_prefix(gap.start + gap.text.size());
    const std::string_view until = pattern.substr(0, next_gap(pattern).start);
    const std::size_t end = until.empty() ? text.size() : text.find(until);
    if (end == std::string_view::npos) return std::nullopt;
    found.push_back({gap.text, std::string(text.substr(0, end))});
    text.remove_prefix(end);
  }
}

template <std::size_t count>
const Word* find_word(const std::array<Word, count>& words, std::string_view english) {
  const auto found = std::find_if(words.begin(), words.end(),
                                  [&](const Word& word) { return word.english == english; });
  return found == words.end() ? nullptr : &*found;
}

// Numbers as Spanish writes them, sentences in Spanish, names as they are. Nothing: not a word of
// ours, where one must stand.
std::optional<std::string> translated(const Part& part) {
  if (part.gap != "{}") {
    const Word* word =
        part.gap == "{kind}" ? find_word(kinds, part.text) : find_word(types, part.text);
    return word == nullptr ? std::nullopt : std::optional{std::string(word->spanish)};
  }
  std::string digits = part.text;
  std::erase(digits, ',');
  double number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, failure] = std::from_chars(digits.data(), end, number);
  if (!digits.empty() && failure == std::errc{} && stop == end)
    return drawing::number_text(number, 9, Locale::es);
  return reason_in_spanish(part.text).value_or(part.text);
}

std::optional<std::string> in_spanish(std::string_view reason, const Sentence& sentence) {
  const auto parts = matched(reason, sentence.english);
  if (!parts) return std::nullopt;
  std::string text;
  std::string_view rest = sentence.spanish;
  for (const Part& part : *parts) {
    const Gap gap = next_gap(rest);
    // A part that the Spanish sentence does not repeat is left out: it has fewer gaps.
    if (gap.text.empty()) break;
    const auto word = translated(part);
    if (!word) return std::nullopt;
    text += rest.substr(0, gap.start);
    text += *word;
    rest.remove_prefix(gap.start + gap.text.size());
  }
  return text.append(rest);
}

template <std::size_t count>
std::optional<std::string> first_that_fits(std::string_view text,
                                           const std::array<Sentence, count>& known) {
  for (const Sentence& sentence : known) {
    if (auto spanish = in_spanish(text, sentence)) return spanish;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> reason_in_spanish(std::string_view reason) {
  const std::size_t bracket = reason.ends_with(')') ? reason.rfind(" (") : reason.npos;
  if (bracket != reason.npos) {
    const auto remark =
        first_that_fits(reason.substr(bracket + 2, reason.size() - bracket - 3), remarks);
    const auto before = remark ? reason_in_spanish(reason.substr(0, bracket)) : std::nullopt;
    if (before) return *before + " (" + *remark + ")";
  }
  return first_that_fits(reason, sentences);
}

}  // namespace cauce::charts
