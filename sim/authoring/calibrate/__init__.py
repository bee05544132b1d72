"""Calibration: what the model does against what was published, as the table `docs/calibration.md`.

`python -m sim.authoring.calibrate` plays the cohorts and writes the table; the same size gives the same table.
"""
