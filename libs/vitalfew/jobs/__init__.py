"""The jobs, one package each."""
