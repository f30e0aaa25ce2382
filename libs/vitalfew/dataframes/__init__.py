"""What any DataFrame code needs: staging, collecting, ranking, exact sums and quantiles."""
