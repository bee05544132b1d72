"""What there is to say about an attempt, as data."""
