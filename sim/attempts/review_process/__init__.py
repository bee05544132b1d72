"""The review of decisions made beside the game: `pool` is the game's end of it, `__main__` a process of the pool.

The two talk in lines of JSON, each with the number of an attempt: to the process go the case with the seed and each
move as it is played; back come counts and, when the case is over, the review as `scoring.review.record` writes it.
"""
