"""Delta tables in and out, held to their contracts."""
