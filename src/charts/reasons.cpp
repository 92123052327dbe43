#include "charts/reasons.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/phrases.h"
#include "charts/drawing/number_text.h"

namespace cauce::charts {

namespace {

// Of those that fit the first counts, so a sentence stands before the ones that would take a part
// of it for a name.
constexpr std::array sentences{
    // what befalls the rows
    Phrase{"none of the {} rows has a value of {} and {}: there is nothing to draw",
           "ninguna de las {} filas tiene un valor de {} y de {}: no hay nada que dibujar"},
    Phrase{"none of the {} rows has a value of {}: there is nothing to draw",
           "ninguna de las {} filas tiene un valor de {}: no hay nada que dibujar"},
    Phrase{"the table has no rows: there is nothing to draw",
           "no queda ninguna fila: no hay nada que dibujar"},
    Phrase{"{} goes from {} to {}, which is too far apart to be drawn: leave out the largest "
           "values",
           "{} va de {} a {}, demasiado lejos para dibujarlo: aparte los valores más grandes"},
    Phrase{"{} goes from {} to {}, out of proportion to its bandwidth of {}; bars would count "
           "them",
           "{} va de {} a {}, fuera de proporción con su ancho de banda de {}"},
    Phrase{"{} goes from {} to {}, out of proportion to its bandwidth of {}",
           "{} va de {} a {}, fuera de proporción con su ancho de banda de {}"},
    Phrase{"{} has one value, {}: a density curve needs two; bars would count them",
           "{} tiene un solo valor, {}: una curva de densidad necesita dos"},
    Phrase{"all {} values of {} are {}: they have no density curve; bars would count them",
           "los {} valores de {} son {}: no tienen curva de densidad"},
    Phrase{"all {} values of {} are {}: there is no density along it; draw the other column "
           "alone",
           "los {} valores de {} son {}: no hay densidad a lo largo de ella"},
    Phrase{"one row has both values: a density needs two; draw points (scatter)",
           "una sola fila tiene los dos valores: una densidad necesita dos"},
    Phrase{"no group of {} has a density curve; of {}: {}",
           "ningún grupo de {} tiene una curva de densidad; de {}: {}"},
    Phrase{"no row of this group has a value of {}",
           "ninguna fila de este grupo tiene un valor de {}"},
    // what is too much for one chart
    Phrase{"{} has more than {} different values: choose a column with fewer for --facet",
           "{} tiene más de {} valores distintos: elija una columna con menos para --facet"},
    Phrase{"{} has more than {} different values: choose a column with fewer",
           "{} tiene más de {} valores distintos: elija una columna con menos"},
    Phrase{"{} has {} values, and there are {} violins at most: choose a column with fewer, or "
           "boxes",
           "{} tiene {} valores, y hay {} violines como mucho: elija una columna con menos, o "
           "cajas"},
    Phrase{"{} values of {} by {} of {} are more than {} parts of bars: choose columns with fewer",
           "{} valores de {} por {} de {} son más de {} partes de barras: elija columnas con "
           "menos"},
    Phrase{"{} values of {} by {} of {} are more than {} cells: gather dates with --period, or "
           "take scatter with --cells for numbers",
           "{} valores de {} por {} de {} son más de {} celdas: reúna las fechas con --period, o "
           "dibuje una dispersión de los números"},
    Phrase{"{} x {} cells of {} values of {} are more than {} counts: take fewer cells",
           "{} x {} celdas de {} valores de {} son más de {} cuentas: tome menos celdas"},
    Phrase{"{} bins of {} groups are too many counts: take fewer --bins",
           "{} intervalos de {} grupos son demasiadas cuentas: tome menos --bins"},
    // columns that do not fit the chart
    Phrase{"{} is text, and {kind} needs numbers there: take a column of numbers, or draw bars "
           "that count the rows of each value (bar --x)",
           "{} es texto, y aquí {kind} necesita números: elija una columna de números, o dibuje "
           "barras que cuenten las filas de cada valor"},
    Phrase{"{} is text, and {kind} needs numbers there: take a column of numbers, or count its "
           "values with bars (bar --x)",
           "{} es texto, y aquí {kind} necesita números: elija una columna de números, o cuente "
           "sus valores con barras"},
    Phrase{"{} is a column of type {type}: --size is for numbers; take it for --color",
           "{} es una columna de tipo {type}: --size es para números; elíjala para --color"},
    Phrase{"{} is a column of type {type}: a log scale is for numbers",
           "{} es una columna de tipo {type}: una escala logarítmica es para números"},
    Phrase{"{} is a column of type {type}: a period is for dates",
           "{} es una columna de tipo {type}: un periodo es para fechas"},
    Phrase{"{} goes down to {}, and no area is below 0: take it for --color, or leave these rows "
           "out with --where",
           "{} baja hasta {}, y ninguna superficie es menor que 0: elíjala para --color, o aparte "
           "estas filas con --where"},
    Phrase{"{} of {} adds up to {} and has no share of a whole: take --bars stacked or grouped",
           "{} de {} suma {} y no es parte de un total: elija --bars apiladas o agrupadas"},
    Phrase{"scatter of {} against itself is a line: take another column for --y, or draw a "
           "histogram of it",
           "la dispersión de {} frente a sí misma es una recta: elija otra columna para --y, o "
           "dibuje su histograma"},
    Phrase{"density of {} against itself is a line: leave out --y, or take another column for it",
           "la densidad de {} frente a sí misma es una recta: quite --y, o elija otra columna"},
    Phrase{"--columns names {} twice: once is enough",
           "--columns nombra {} dos veces: basta con una"},
    Phrase{"no column {}; did you mean {}?", "no hay ninguna columna {}; ¿quería decir {}?"},
    Phrase{"no column {}; there are: {}", "no hay ninguna columna {}; hay: {}"},
    // ways that do not go together
    Phrase{"bar needs --y with a column of numbers for a sum or a median; without --y it counts "
           "rows",
           "las barras necesitan en --y una columna de números para una suma o una mediana; sin "
           "--y cuentan filas"},
    Phrase{"stacked bars and shares need --color: it names their parts",
           "las barras apiladas y las partes de un total necesitan --color: nombra sus partes"},
    Phrase{"means and medians do not add up to a whole: take --aggregate sum or count, or --bars "
           "grouped",
           "las medias y las medianas no suman un total: elija en --aggregate la suma o el número "
           "de filas, o --bars una junto a otra"},
    Phrase{"line shows the mean, the sum or the count of each x; box shows medians",
           "las líneas muestran la media, la suma o el número de cada x; las cajas muestran "
           "medianas"},
    Phrase{"pairs takes --columns with 2 to 8 columns of numbers, and --color to tell groups "
           "apart, not {} of them",
           "los pares toman en --columns de 2 a 8 columnas de números, no {}"},
    Phrase{"{kind} needs {} and {}: it takes {}", "{kind}: falta elegir {} y {}"},
    Phrase{"{kind} needs {}: it takes {}", "{kind}: falta elegir {}"},
};

// Which rows were left out, behind a sentence in brackets.
constexpr std::array remarks{
    Phrase{"{} rows do not fulfil the conditions, {} are not above 0 and have no place on a log "
           "scale",
           "{} filas no cumplen las condiciones, {} no son mayores que 0 y no tienen lugar en la "
           "escala logarítmica"},
    Phrase{"{} are not above 0 and have no place on a log scale",
           "{} no son mayores que 0 y no tienen lugar en la escala logarítmica"},
    Phrase{"{} rows do not fulfil the conditions", "{} filas no cumplen las condiciones"},
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

template <std::size_t count>
std::optional<std::string> found_among(const std::array<Word, count>& words,
                                       std::string_view english) {
  const auto found = std::find_if(words.begin(), words.end(),
                                  [&](const Word& word) { return word.english == english; });
  return found == words.end() ? std::nullopt : std::optional{std::string(found->spanish)};
}

// Words of ours, numbers as Spanish writes them, sentences in Spanish, names as they are called.
std::optional<std::string> filled(std::string_view gap, std::string_view text,
                                  std::span<const ColumnWords> words) {
  if (gap == "kind") return found_among(kinds, text);
  if (gap == "type") return found_among(types, text);
  std::string digits{text};
  std::erase(digits, ',');
  double number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, failure] = std::from_chars(digits.data(), end, number);
  if (!digits.empty() && failure == std::errc{} && stop == end)
    return drawing::number_text(number, 9, Locale::es);
  for (const ColumnWords& known : words) {
    if (known.column == text) return known.words;
  }
  return reason_in_spanish(text, words).value_or(std::string(text));
}

}  // namespace

std::optional<std::string> reason_in_spanish(std::string_view reason,
                                             std::span<const ColumnWords> words) {
  const FillGap fill = [words](std::string_view gap, std::string_view text) {
    return filled(gap, text, words);
  };
  const std::size_t bracket = reason.ends_with(')') ? reason.rfind(" (") : reason.npos;
  if (bracket != reason.npos) {
    const auto remark =
        said_by(remarks, reason.substr(bracket + 2, reason.size() - bracket - 3), fill);
    const auto before = remark ? reason_in_spanish(reason.substr(0, bracket), words) : std::nullopt;
    if (before) return *before + " (" + *remark + ")";
  }
  return said_by(sentences, reason, fill);
}

}  // namespace cauce::charts
