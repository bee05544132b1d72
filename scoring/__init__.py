"""Scoring: pure functions over a library and a log. It reads what happened and never plays, shows or stores."""
