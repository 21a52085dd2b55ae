"""What our own web server writes into the WSGI environment. A client's headers stand there as HTTP_… and reach none."""

BUSY = "lms.busy"  # the request is to be sent away: its organization has its share of the threads
