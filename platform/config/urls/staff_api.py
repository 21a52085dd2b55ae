"""The staff host's API routes: what its own OpenAPI document is made from. Served nowhere.

A document of its own, because paths of the staff host and of an organization's host share names and mean other things.
"""

from django.urls import include, path

urlpatterns = [path("api/v1/", include("staff.rest.urls"))]
