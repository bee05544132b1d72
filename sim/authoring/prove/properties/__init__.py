"""The properties that a proof tries, one file for each."""
