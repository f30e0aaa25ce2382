"""K-means as DataFrame expressions, and how many clusters there are."""
