"""The configuration: files, targets and expressions, checked before an engine starts."""
