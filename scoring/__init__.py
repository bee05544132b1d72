"""Scoring: `assess` reads a log and gives the band, `review` plays futures, `debrief` is what there is to say, as data.

Nothing here shows or stores.
"""
