# One chart as R users draw it with the fastest CSV reader they have, CSV in, PNG of 640 x 480 out.
#
#     Rscript ggplot_chart.R bar|box|density|scatter CSV OUT.png
suppressMessages({
  library(data.table)
  library(ggplot2)
})
arguments <- commandArgs(TRUE)
setDTthreads(2)
rows <- fread(arguments[2])
plot <- switch(arguments[1],
  bar = ggplot(rows[, .(y = mean(y)), by = cat], aes(cat, y)) + geom_col(),
  box = ggplot(rows, aes(cat, y)) + geom_boxplot(),
  density = ggplot(rows, aes(x)) + geom_density(),
  scatter = ggplot(rows, aes(x, y, colour = n)) + geom_point()
)
ggsave(arguments[3], plot, width = 6.4, height = 4.8, dpi = 100)
