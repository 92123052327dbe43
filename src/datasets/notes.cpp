#include "datasets/notes.h"

#include <array>

#include "base/phrases.h"

namespace cauce::datasets {
namespace {

constexpr std::array notes{
    // the header
    Phrase{"column {} is called {}: the header holds {} more than once",
           "la columna {} se llama {}: la cabecera contiene {} más de una vez"},
    Phrase{"column {} has no name in the header", "la columna {} no tiene nombre en la cabecera"},
    // columns that might have had another type
    Phrase{"column {} is text: {} of its cells has leading zeros, as codes have",
           "la columna {} es texto: {} de sus celdas empieza con ceros, como los códigos"},
    Phrase{"column {} is text: {} of its cells have leading zeros, as codes have",
           "la columna {} es texto: {} de sus celdas empiezan con ceros, como los códigos"},
    Phrase{"column {} is text: no row says whether its dates begin with the day or with the month",
           "la columna {} es texto: ninguna fila dice si sus fechas empiezan por el día o por el "
           "mes"},
    // cells
    Phrase{"column {}: {} of its whole numbers are beyond 2^53 and are rounded; read them as text "
           "if they are identifiers",
           "columna {}: {} de sus números enteros pasan de 2^53 y están redondeados; léalos como "
           "texto si son identificadores"},
    Phrase{"column {}: {} cell holds \"-\" and was read as missing",
           "columna {}: {} celda contiene «-» y se leyó como ausente"},
    Phrase{"column {}: {} cells hold \"-\" and were read as missing",
           "columna {}: {} celdas contienen «-» y se leyeron como ausentes"},
    Phrase{"{} blank lines were skipped", "líneas en blanco que se saltaron: {}"},
};

}  // namespace

std::optional<std::string> note_in_spanish(std::string_view note) {
  return said_by(notes, note,
                 [](std::string_view, std::string_view text) { return std::string(text); });
}

}  // namespace cauce::datasets
