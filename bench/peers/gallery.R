# One chart of the gallery as ggplot2 users draw it with a moment's care: the minimal theme, titles,
# colours for people who see few of them.
#
#     Rscript gallery.R KIND CSV OUT.png TITLE X Y GROUP      "-" where a kind takes none
suppressMessages({
  library(data.table)
  library(ggplot2)
})
arguments <- commandArgs(TRUE)
kind <- arguments[1]
# Not fread: it wants one more package for whole numbers beyond 32 bits.
rows <- as.data.table(read.csv(arguments[2], check.names = FALSE, na.strings = c("", "NA")))
name <- function(index) if (arguments[index] == "-") NULL else as.name(arguments[index])
x <- name(5)
y <- name(6)
group <- name(7)
okabe_ito <- c("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999")
if (!is.null(group)) rows[, (arguments[7]) := as.factor(get(arguments[7]))]
plot <- switch(kind,
  bar = ggplot(rows[!is.na(get(arguments[5])) & !is.na(get(arguments[6])), .(value = mean(get(arguments[6]))), by = c(arguments[5])],
               aes(reorder(!!x, value), value)) + geom_col(fill = okabe_ito[1]) + coord_flip() +
    labs(x = NULL, y = paste("Mean", arguments[6])),
  box = ggplot(rows, aes(!!group, !!y, fill = !!group)) + geom_boxplot(show.legend = FALSE) + coord_flip(),
  density = ggplot(rows, aes(!!x, colour = !!group, fill = !!group)) + geom_density(alpha = 0.25),
  histogram = ggplot(rows, aes(!!x)) + geom_histogram(bins = 30, fill = okabe_ito[1]),
  scatter = ggplot(rows, aes(!!x, !!y, colour = !!group)) + geom_point(alpha = 0.7),
  cells = ggplot(rows, aes(!!x, !!y)) + geom_bin2d(bins = 120) + scale_fill_viridis_c(trans = "log10")
)
plot <- plot + theme_minimal(base_size = 11) + ggtitle(arguments[4])
if (kind %in% c("scatter", "density", "box")) {
  plot <- plot + scale_colour_manual(values = okabe_ito) + scale_fill_manual(values = okabe_ito)
}
suppressMessages(suppressWarnings(
  ggsave(arguments[3], plot, width = 7.2, height = 4.4, dpi = 100, bg = "white")))
