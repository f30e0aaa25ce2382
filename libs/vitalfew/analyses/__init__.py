"""One module per question: DataFrames and frozen parameters in, DataFrames out."""
