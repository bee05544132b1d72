"""Teaching sessions: a room is an append-only log of events, and what it is now is a fold of them.

The patients of a room are ordinary attempts in the room's own store: debrief and review take them as they take others.
"""
