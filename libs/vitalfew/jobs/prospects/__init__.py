"""The job prospects."""
