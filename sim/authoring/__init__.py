"""For authors of cases: a case is shown, drawn, proved and calibrated here."""
