"""What other packages may use of branding."""

from apps.branding.dto import BrandInfo, Look
from apps.branding.selectors import brand_of, letterhead, look, theme_css
from apps.branding.services import publish_brand
from apps.branding.theme import HEADING_FONTS, ink_css

__all__ = [
    "HEADING_FONTS",
    "BrandInfo",
    "Look",
    "brand_of",
    "ink_css",
    "letterhead",
    "look",
    "publish_brand",
    "theme_css",
]
