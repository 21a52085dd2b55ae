"""What our own web server and the application tell each other in the WSGI environment.

A client's headers stand there as HTTP_… and reach none of these.
"""

BUSY = "lms.busy"  # the request is to be sent away: its organization has more at work and waiting than it may have
WAITED = "lms.waited"  # seconds that it stood in its organization's line before it came here
DATABASE = "lms.database"  # the application's answer: seconds that it waited for PostgreSQL
