"""The job customer_products."""
