"""Files into a scenario: where they lie, what belongs together, what repeats."""
