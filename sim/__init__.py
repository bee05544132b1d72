"""The patient, and everything a person touches. This is the floor plan: a room imports from the floors below it only.

  sim/case             what is written: model, reading, composing, checking
  sim/engine           what is played: session, patient, log, pathway; kernel is its compiled twin
  sim/words            how numbers, times and events are said, once, for every face
  scoring/parameters   every threshold
  scoring/review       plays futures: what a decision was worth
  scoring/assess       reads a log: the band and its parts
  scoring/debrief      what there is to say, as data
  sim/report           a debrief written down: text, HTML, Markdown, JSON
  sim/attempts         one learner's attempt: played, kept, resumed, finished, reopened, recalled
  sim/cohorts          many patients: on the cores of a computer, on a cluster
  sim/authoring        for authors: new, schema, show, draw, trace, cover, compare, watch, prove, calibrate
  sim/rooms            teaching sessions: the log of a room, and the fold that says what it is
  sim/plain            a face of lines
  sim/tui              a face for the terminal
  sim/web              a face for browsers
  sim/cli              the command line

`docs/architecture.md` draws it and tells the life of an order. Only the version is defined here, so that importing
`sim` stays cheap. `tests/test_architecture.py` fails where the plan and the code differ.
"""

__version__ = "0.1.0"
"""Scurfy's own version: what `scurfy --version` prints and the wheel is named after."""
