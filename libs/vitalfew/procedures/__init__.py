"""What is no pure function of tables."""
