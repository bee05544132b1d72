"""Reads a log and never plays: the band, and the parts it is made of."""
