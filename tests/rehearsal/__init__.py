"""A deployment, rehearsed: two releases of the product, the scripts that replace one by the other, people at work.

``python -m tests.rehearsal`` takes the release before out of the history and brings this tree to serve in its place,
then goes back, then forward again, by ``scripts/single_host.sh`` itself: a stand-in for docker (:mod:`.docker`) runs
the services of docker-compose.yml as processes of this machine (:mod:`.machine`), each by the code of its release
(:mod:`.codes`), behind the release before's own Caddy and verifier. Learners, authors, newcomers and players are at
work all the time (:mod:`.load`); :mod:`.phases` is the order of things and what is held against each part of it.
"""
