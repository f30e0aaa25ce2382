"""`vitalfew init`: from the files of a company to the target that takes them in."""
