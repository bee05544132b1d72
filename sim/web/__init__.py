"""The game in a browser: pages made on the server over the same session, which work without a script.

`server` has the routes and refuses what should not come in; `learners` tells who asks and `beds` keeps who is being
treated; `acts` reads forms as moves; the other modules write one page each. A page shows a snapshot and the events
that the learner may see, and nothing else: what is hidden is not at hand here before the debrief.
"""
