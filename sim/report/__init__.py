"""The debrief as files to keep: one HTML page, Markdown, and everything as data."""
