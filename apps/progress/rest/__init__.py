"""Learning over HTTP: the catalogue, a learner's courses and lessons, what they do, and the roster of a course."""
