"""Everything HTTP: the application, its dialects and what they share."""
