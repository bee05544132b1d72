"""The review of decisions made beside the game: `worker` is the game's end of it, `__main__` the other process.

The two talk in lines of JSON: to the process go the case, the seed and each move as it is played; back come counts
and, when the case is over, the review as `scoring.review.record` writes it.
"""
