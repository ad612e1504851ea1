"""What the calls take, by name."""
