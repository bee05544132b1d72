"""How numbers, times and events are said, once, for every face. No library of a face is known here."""
