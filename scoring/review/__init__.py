"""Plays futures: what each decision was worth, and what would have been better."""
