"""What other packages may use of branding."""

from apps.branding.dto import BrandInfo, Icon, Logo, Look, Photo
from apps.branding.outside import look_from_outside
from apps.branding.policies import VIEW
from apps.branding.selectors import brand_of, letterhead, look, theme_css
from apps.branding.theme import HEADING_FONTS, ink_css

__all__ = [
    "HEADING_FONTS",
    "VIEW",
    "BrandInfo",
    "Icon",
    "Logo",
    "Look",
    "Photo",
    "brand_of",
    "ink_css",
    "letterhead",
    "look",
    "look_from_outside",
    "theme_css",
]
