#include "charts/drawing/footer.h"

#include "charts/drawing/number_text.h"
#include "charts/drawing/wording.h"

namespace cauce::charts::drawing {

namespace {

std::string own_words_and_source(const Request& request) {
  return (request.footer.empty() ? "" : request.footer + " · ") +
         (request.source.empty() ? "" : request.source + " · ");
}

std::string listed(const std::vector<std::string>& remarks) {
  std::string text;
  for (const std::string& remark : remarks)
    text += " · " + remark;
  return text;
}

}  // namespace

std::string footer_without_plot(const Figures& figures, const Request& request,
                                const std::vector<std::string>& remarks) {
  const std::string rows = count_text(figures.rows, request.locale);
  return own_words_and_source(request) +
         (request.locale == Locale::es ? "ninguna de las " + rows + " filas dibujada"
                                       : "none of the " + rows + " rows drawn") +
         listed(remarks);
}

std::string footer_of(const Figures& figures, const Request& request,
                      const std::vector<std::string>& remarks, std::size_t labels_left_out) {
  const bool es = request.locale == Locale::es;
  const Locale locale = request.locale;
  std::string text = own_words_and_source(request);
  if (figures.drawn == figures.rows) {
    text +=
        es ? (figures.rows == 1 ? "la única fila, dibujada"
                                : "las " + count_text(figures.rows, locale) + " filas, dibujadas")
           : (figures.rows == 1 ? "the only row drawn"
                                : "all " + count_text(figures.rows, locale) + " rows drawn");
  } else {
    text += count_text(figures.drawn, locale) + (es ? " de " : " of ") +
            count_text(figures.rows, locale) + (es ? " filas dibujadas" : " rows drawn");
  }
  if (figures.missing > 0) {
    text += ", " + count_text(figures.missing, locale) +
            (es ? " sin algún valor" : " with missing values left out");
  }
  if (figures.excluded > 0)
    text +=
        ", " + count_text(figures.excluded, locale) + (es ? " infinitas" : " infinite left out");
  if (figures.not_positive > 0) {
    text += ", " + count_text(figures.not_positive, locale) +
            (es ? " no positivas, sin lugar en la escala logarítmica"
                : " not above 0 and without a place on the log scale");
  }
  if (figures.outside > 0) {
    text += ", " + count_text(figures.outside, locale) +
            (es ? " fuera de los límites de un eje" : " outside of the limits of an axis left out");
  }
  if (figures.without_panel > 0) {
    text += ", " + count_text(figures.without_panel, locale) + (es ? " de " : " of ") +
            counted(figures.values_without_panel, es ? "valor más de " : "more value of ",
                    es ? "valores más de " : "more values of ", locale) +
            request.facet + (es ? " sin panel" : " without a panel");
  }
  if (figures.filtered > 0) {
    text += ", " + count_text(figures.filtered, locale) +
            (es ? " más apartadas por un filtro" : " more left out by a filter");
  }
  text += listed(remarks);
  if (labels_left_out > 0) {
    text += " · " + (es ? counted(labels_left_out, "rótulo omitido", "rótulos omitidos", locale)
                        : counted(labels_left_out, "label left out", "labels left out", locale));
  }
  return text;
}

}  // namespace cauce::charts::drawing
