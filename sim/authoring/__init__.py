"""For who writes cases: a case shown and drawn, proved, calibrated."""
