"""The embedded default, on one machine."""

from config.settings.base import *

from config.logs import configure

configure(level="INFO")
