"""What an uploaded picture may be. Kept free of imports: both sides of the pipe read it."""

MAX_BYTES = 5 * 1024 * 1024
MAX_SIDE = 10_000  # pixels
MAX_PIXELS = 40_000_000
MIN_SIDE = 16  # pixels: less is no picture of anything

# What each use is drawn as. Logos by height, icons by side, photographs by width; pixels.
LOGO_HEIGHTS = (32, 64, 128)
LOGO_MAX_RATIO = 6  # width to height: more does not fit a header
ICON_SIDES = (32, 180, 512)
PHOTO_WIDTHS = (800, 1600)

USES = ("logo_light", "logo_dark", "favicon", "login_image")

# The child's own limits.
CPU_SECONDS = 5
WALL_SECONDS = 15
MAX_AT_ONCE = 2  # in one web process: its other threads serve requests meanwhile
WAIT_SECONDS = 5
MEMORY_BYTES = 1536 * 1024 * 1024
