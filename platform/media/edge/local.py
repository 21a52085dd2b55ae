"""Control of the embedded edge: it reads the tables itself, so a commit is a deployment."""

from __future__ import annotations

from django.db.models import Q

from core.clock import now
from media.edge import keyring
from media.edge.token import shard_id
from media.models.keys import EdgeBinding, EdgeSecret, EdgeValue, SigningKey

POOL = "local"
_TENANT = EdgeBinding.Strategy.DISTRIBUTION_TENANT


class RowsAreEnough:
    """media.edge.control.EdgeControl of the embedded edge. Its function's store is a table the verifier reads."""

    at_once = True

    def place(self, binding: EdgeBinding, strategy: str, *, pool: str = "") -> str:
        """There is one edge."""
        return POOL

    def changed(self, binding: EdgeBinding) -> None:
        """Say of everything that it is trusted; write what the function looks up."""
        moment = now()
        revoked = binding.state == EdgeBinding.State.REVOKED
        if not revoked:
            binding.state = EdgeBinding.State.DEPLOYED
        binding.key_group_id = f"{POOL}-{binding.organization_id}"
        binding.pooled_settled = binding.tenant_settled = binding.wanted_at
        for owner in (binding.organization_id, shard_id(POOL)):
            SigningKey.objects.filter(organization_id=owner, trusted_at=None).update(trusted_at=moment)
        EdgeSecret.objects.filter(organization_id=binding.organization_id, trusted_at=None).update(trusted_at=moment)
        key = str(binding.organization_id)
        if binding.has_side(_TENANT) and not revoked:
            value = keyring.known_secrets(binding.organization_id)
            EdgeValue.objects.update_or_create(
                key=key, defaults={"value": value, "organization_id": binding.organization_id}
            )
        else:
            EdgeValue.objects.filter(key=key).delete()

    def revoked(self, organization_id: object, policy_hash: str) -> None:
        """The verifier reads the list."""

    def strangers(self) -> Q:
        """There is one place here; whoever is anywhere else has come from CloudFront."""
        return ~Q(pool=POOL)

    def stands(self, binding: EdgeBinding) -> bool:
        """It always does."""
        return True
