"""For authors: a case is begun, shown, drawn, traced, covered, compared, watched, proved and calibrated here."""
