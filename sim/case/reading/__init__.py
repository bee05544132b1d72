"""Text into models: YAML with the place of every value, refused at the door with line and reason."""
