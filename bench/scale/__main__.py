"""``python -m bench.scale``: simulate, and write the page."""

from __future__ import annotations

from bench.scale import page

if __name__ == "__main__":
    page.PAGE.write_text(page.text())
    print(f"Written: {page.PAGE.name}")
