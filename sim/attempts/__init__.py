"""One learner's attempt: played, kept, resumed, finished, reopened, recalled.

`session` is the only way in which a face touches a session; `resume` goes on with an attempt, `finish` assesses and
stores what is over, `reopen` opens that again. `store` keeps it all, `review_process` reviews decisions beside the
game. What cannot be done is raised as a `UserError` with its hint.
"""
