"""What other apps may use of the library."""

from apps.library.dto import Caption, TimelineInfo, Video
from apps.library.links import caption_url
from apps.library.playing import grant_body, grant_for_enrollment, set_grant_cookies
from apps.library.selectors import film_minutes, timeline_of, video_of
from apps.library.usage import first_playable_at, minutes_by_month
from media.api import end_all as end_playback
from media.api import playback_right

__all__ = [
    "Caption",
    "TimelineInfo",
    "Video",
    "caption_url",
    "end_playback",
    "film_minutes",
    "first_playable_at",
    "grant_body",
    "grant_for_enrollment",
    "minutes_by_month",
    "playback_right",
    "set_grant_cookies",
    "timeline_of",
    "video_of",
]
