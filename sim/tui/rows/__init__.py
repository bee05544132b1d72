"""What the screen says of events, debriefs and decisions, as rows."""
