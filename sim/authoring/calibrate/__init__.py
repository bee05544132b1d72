"""Calibration: what the model does against what was published, as the table `docs/calibration.md`.

`scurfy calibrate` plays the arms of a file in `scenarios/calibration/` and writes the table; the same size gives the
same table. `arms` plays, `measures` reads figures from what was played, `table` sets them beside what was published.
"""
