"""Graphs as DataFrames."""
