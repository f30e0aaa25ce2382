"""One kind of chart a module: a function of a width, the data and the words, which gives SVG."""
