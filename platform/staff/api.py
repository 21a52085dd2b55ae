"""What the composition root may use of the console."""

from staff.announcements.services import for_page as announcements_for

__all__ = ["announcements_for"]
