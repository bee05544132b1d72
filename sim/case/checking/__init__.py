"""Every problem of every file, in one run."""
