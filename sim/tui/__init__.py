"""The Textual game: screens, widgets and the commands that tie keys to what a learner does.

The one place that knows Textual. Only the ward screen, through `sim.tui.play`, talks to the session.
"""
