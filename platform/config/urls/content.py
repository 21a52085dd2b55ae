"""Routes of the content hosts: files of packages, each opened by its token. Nothing of the application is here."""

from django.urls import re_path

from config import content

handler400 = handler500 = "config.content.failed"

urlpatterns = [
    re_path(r"^(?P<token>[A-Za-z0-9_:.-]{20,600})/(?P<path>.+)$", content.serve),
    re_path(r"^", content.nothing),
]
