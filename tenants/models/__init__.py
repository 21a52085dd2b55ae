"""Tables of the shared schema. Every one of them is closed to organizations."""

from tenants.models.organization import Domain, Organization
from tenants.models.provisioning import ProvisioningStep, SchemaLedger, SchemaRelease, WarmSchema
from tenants.models.sign_up import HandOver, SignUp

__all__ = [
    "Domain",
    "HandOver",
    "Organization",
    "ProvisioningStep",
    "SchemaLedger",
    "SchemaRelease",
    "SignUp",
    "WarmSchema",
]
