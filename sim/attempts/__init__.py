"""One learner's attempt: played, kept, resumed, finished, reopened, recalled."""
