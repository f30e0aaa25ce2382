"""What an assistant may ask of the published tables, over the Model Context Protocol."""
