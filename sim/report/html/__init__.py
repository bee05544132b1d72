"""The debrief as one HTML page."""
