"""What several jobs share: windows of orders, purchase gaps, segments, names of products."""
