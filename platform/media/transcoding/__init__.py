"""Turning uploaded files into HLS: judging them, running ffmpeg in a jail, writing playlists.

Nothing in this package touches the database, Redis or S3: it works on one local file in one scratch directory, so all
of it can be tried by hand and none of it can reach more than it is handed.
"""
