"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
os.environ.setdefault("LMS_PROCESS", "web")  # before the settings are read: statements are given less time here

_django = get_wsgi_application()

from config.assets import served  # noqa: E402 - only now are the settings there

application = served(_django)
