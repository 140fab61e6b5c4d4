# What both scripts of references write their answers with.

# A number, a text or nothing, and not a list of one.
one <- function(x) if (!is.null(x)) structure(x, scalar = TRUE)

number <- function(x) {
  text <- sprintf("%.15g", x)
  long <- is.finite(x)
  long[long] <- as.numeric(text[long]) != x[long]
  text[long] <- sprintf("%.17g", x[long])
  ifelse(is.nan(x), "NaN", ifelse(is.na(x), "null", sub("Inf", "Infinity", text)))
}

json <- function(x, indent = "") {
  if (is.null(x)) return("null")
  if (is.list(x)) {
    inner <- paste0(indent, "  ")
    lines <- paste0(inner, encodeString(names(x), quote = '"'), ": ", vapply(x, json, "", inner))
    return(paste0("{\n", paste(lines, collapse = ",\n"), "\n", indent, "}"))
  }
  if (is.matrix(x)) {
    return(paste0("[", paste(apply(x, 1, function(row) json(as.vector(row))), collapse = ", "), "]"))
  }
  text <- if (is.character(x)) encodeString(x, quote = '"') else if (is.logical(x)) tolower(x) else number(x)
  if (isTRUE(attr(x, "scalar"))) text else paste0("[", paste(text, collapse = ", "), "]")
}
