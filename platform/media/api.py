"""What other packages may use of the media service."""

from media.console import Transcodes, failed_transcodes, transcodes
from media.selectors import stages_of
from media.services.content import ContentRefused, content_url, open_content
from media.services.discard import discard
from media.services.edges import find_by_host as edge_by_host
from media.services.edges import move as move_edge
from media.services.edges import problems as edge_problems
from media.services.edges import rotate as rotate_edge
from media.services.edges import rotate_template as rotate_edge_template
from media.services.edges import standing as edge_standing
from media.services.jobs import retry
from media.services.playback import current_revision, end_all, grant, playback_right, renew
from media.services.pools import Edge, Pool, Standing, Used
from media.services.pools import bindings as edge_bindings
from media.services.pools import edge as edge_overview
from media.services.pools import stand as edge_stand
from media.services.pools import standing_of as edge_standing_of
from media.services.posters import poster_urls
from media.services.public import PublicImage, drop_images, keep_image, keep_look, kept_look
from media.services.stored import Stored, assets_of_uploads, stored
from media.services.uploads import abort, begin, complete, find_open, get, mine, open_upload, sign_parts

__all__ = [
    "ContentRefused",
    "Edge",
    "Pool",
    "PublicImage",
    "Standing",
    "Stored",
    "Transcodes",
    "Used",
    "abort",
    "assets_of_uploads",
    "begin",
    "complete",
    "content_url",
    "current_revision",
    "discard",
    "drop_images",
    "edge_bindings",
    "edge_by_host",
    "edge_overview",
    "edge_problems",
    "edge_stand",
    "edge_standing",
    "edge_standing_of",
    "end_all",
    "failed_transcodes",
    "find_open",
    "get",
    "grant",
    "keep_image",
    "keep_look",
    "kept_look",
    "mine",
    "move_edge",
    "open_content",
    "open_upload",
    "playback_right",
    "poster_urls",
    "renew",
    "retry",
    "rotate_edge",
    "rotate_edge_template",
    "sign_parts",
    "stages_of",
    "stored",
    "transcodes",
]
