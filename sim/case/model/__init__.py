"""What a case is made of: frozen, strict models, one file for each subject.

The door (`sim.case.reading`) builds them from YAML.

Nothing here knows how to read a file, to run a patient or to score a learner. Times are whole minutes,
shares run from 0 to 1, observables carry their own unit. A field's meaning is in the string below it.
"""
