"""The embedded default, on one machine."""

from config.logs import configure
from config.settings.base import *

configure()
