# Fit with mgcv's bam, and print seconds and the root mean squared error of the predictor: Rscript benchmarks/gam.R FILE FAMILY ROUNDS DISCRETE.
#
# FILE has 64-bit floats, row after row: three features, the observation, and the true predictor. One fit before is not counted.
suppressPackageStartupMessages(library(mgcv))
arguments <- commandArgs(TRUE)
rows <- matrix(readBin(arguments[1], "double", file.size(arguments[1]) / 8), ncol = 5, byrow = TRUE)
data <- data.frame(a = rows[, 1], b = rows[, 2], c = rows[, 3], y = rows[, 4])
family <- get(arguments[2])()
for (round in 0:as.integer(arguments[3])) {
  seconds <- system.time(model <- bam(y ~ s(a, bs = "ps", k = 10) + s(b, bs = "ps", k = 10) + s(c, bs = "ps", k = 10), family = family,
    data = data, method = "fREML", discrete = arguments[4] == "yes"))[["elapsed"]]
  if (round > 0) cat(seconds, sqrt(mean((predict(model) - rows[, 5])^2)), "\n")
}
