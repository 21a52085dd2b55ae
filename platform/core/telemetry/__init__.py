"""What work says about itself: where it came from, what it cost, and which figures and spans it leaves behind.

Any layer may use these. Where figures and spans go is decided in ``config``; until it has been, they go nowhere.
"""
