# Ask mgcv for generalized additive models, and write its answers down: Rscript tests/peers/gam_references.R FILE.
#
# `make references` runs it. The answers are committed in gam_answers.json, with the rows of each fit, so that the tests need no R.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))), "json.R"))
suppressPackageStartupMessages(library(mgcv))
CONTROL <- gam.control(epsilon = 1e-13, maxit = 500, newton = list(conv.tol = 1e-13, maxNstep = 5, maxSstep = 2, maxHalf = 30, use.svd = FALSE))
MARGIN <- 3

# All knots of a spline of a degree with k functions, equidistant from the least to the greatest number.
knots_of <- function(x, k, degree = MARGIN) {
  inner <- k - degree
  step <- (max(x) - min(x)) / inner
  min(x) + step * seq(-degree, inner + degree)
}

fits <- list()
ask <- function(name, source, formula, family, data, knots, lambdas) {
  columns <- setdiff(all.vars(formula), c("k"))
  data <- data[complete.cases(data[, columns]), columns]
  knots <- knots(data)
  scales <- NULL
  told <- function(method, sp = NULL) {
    model <- gam(formula, family = family, data = data, knots = knots, method = method, sp = sp, control = CONTROL)
    scale <- vapply(model$smooth, function(s) s$S.scale, 0)
    scales <<- scale
    lambda <- if (is.null(sp)) model$sp / scale else sp / scale
    se <- predict(model, se.fit = TRUE)$se.fit
    terms <- predict(model, type = "terms")
    list(lambdas = as.vector(lambda), fitted = as.vector(fitted(model)), edf = vapply(model$smooth, function(s) sum(model$edf[s$first.para:s$last.para]), 0),
      score = one(as.vector(model$gcv.ubre)), scale = one(model$sig2), se = as.vector(se), deviance = one(deviance(model)),
      index = if (is.null(sp)) NULL else as.vector(k.check(model, n.rep = 1)[, "k-index"]),
      concurvity = if (is.null(sp) || length(model$smooth) < 2) NULL else lapply(concurvity(model, full = FALSE), function(m) {
        own <- vapply(model$smooth, function(s) s$label, "")
        c(m[own[2], own[1]], m[own[1], own[2]])  # of the first term by the second, and of the second by the first
      }),
      gradient = if (is.null(model$outer.info$grad)) NULL else as.vector(model$outer.info$grad))
  }
  told("GCV.Cp", rep(1, length(lambdas))) -> first
  fixed <- told("REML", lambdas * scales)
  fixed_gcv <- told("GCV.Cp", lambdas * scales)
  data[] <- lapply(data, function(x) if (is.factor(x)) as.character(x) else x)
  fits[[name]] <<- list(source = one(source), data = as.list(data), knots = knots, family = one(family$family), link = one(family$link),
    fixed = fixed, fixed_gcv = one(fixed_gcv$score), reml = told("REML"), gcv = told("GCV.Cp"))
}

ask("mcycle", "MASS::mcycle", accel ~ s(times, bs = "ps", k = 20, m = c(2, 2)), gaussian(), MASS::mcycle, function(d) list(times = knots_of(d$times, 20)), 0.7)
ask("iris", "datasets::iris", Petal.Width ~ s(Sepal.Length, bs = "ps", k = 8, m = c(2, 2)) + s(Sepal.Width, bs = "bs", k = 7, m = c(3, 2)) + Species, gaussian(), iris,
  function(d) list(Sepal.Length = knots_of(d$Sepal.Length, 8), Sepal.Width = knots_of(d$Sepal.Width, 7)), c(3, 0.1))
ask("quakes", "datasets::quakes, the first 200 rows", stations ~ s(mag, bs = "ps", k = 8, m = c(2, 1)) + s(depth, bs = "ps", k = 10, m = c(2, 2)), poisson(), quakes[1:200, ],
  function(d) list(mag = knots_of(d$mag, 8), depth = knots_of(d$depth, 10)), c(2, 5))
ask("kyphosis", "rpart::kyphosis", Kyphosis ~ s(Age, bs = "ps", k = 8, m = c(2, 2)) + s(Start, bs = "ps", k = 7, m = c(2, 2)), binomial(), transform(rpart::kyphosis, Kyphosis = as.numeric(Kyphosis == "present")),
  function(d) list(Age = knots_of(d$Age, 8), Start = knots_of(d$Start, 7)), c(1, 1))
ask("trees", "datasets::trees", Volume ~ s(Girth, bs = "ps", k = 6, m = c(2, 2)) + s(Height, bs = "bs", k = 6, m = c(3, 2)), Gamma(link = "log"), trees,
  function(d) list(Girth = knots_of(d$Girth, 6), Height = knots_of(d$Height, 6)), c(0.5, 2))

cat(json(list(version = one(paste("mgcv", packageVersion("mgcv"), "in", R.version.string)), fits = fits)), "\n", sep = "", file = commandArgs(TRUE)[1])
