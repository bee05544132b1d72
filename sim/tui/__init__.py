"""The Textual game: screens, widgets and the commands that tie keys to what a learner does.

The one place that knows Textual. Screens play and read an attempt through `sim.attempts.session`; only the briefing
opens a session, to introduce the patient.
"""
