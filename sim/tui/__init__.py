"""The Textual game: screens, widgets and the commands that tie keys to what a learner does.

The one place that knows Textual. Only the ward plays moves; the briefing opens a session to introduce the patient, and
the debrief reads one that is over.
"""
