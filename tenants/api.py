"""What other packages may use of tenants."""

from tenants.erasures import note_erasure
from tenants.hand_over import hand_over_start_url, redeem_hand_over
from tenants.selectors import current_release, hosts_of, owner_of

__all__ = ["current_release", "hand_over_start_url", "hosts_of", "note_erasure", "owner_of", "redeem_hand_over"]
