"""Tables of the shared schema. Every one of them is closed to organizations."""

from tenants.models.archive import DeletionReport, Erasure, ExportEntry, ExportJob, RestoreJob
from tenants.models.cells import Cell, Move
from tenants.models.fleet import DataStepRun, DriftCheck, SchemaDrift, SchemaLedger, SchemaRelease
from tenants.models.lifecycle import LifecycleNotice, LifecycleTransition
from tenants.models.organization import Domain, Organization
from tenants.models.provisioning import ProvisioningStep, WarmSchema
from tenants.models.sign_up import HandOver, SignUp

__all__ = [
    "Cell",
    "DataStepRun",
    "DeletionReport",
    "Domain",
    "DriftCheck",
    "Erasure",
    "ExportEntry",
    "ExportJob",
    "HandOver",
    "LifecycleNotice",
    "LifecycleTransition",
    "Move",
    "Organization",
    "ProvisioningStep",
    "RestoreJob",
    "SchemaDrift",
    "SchemaLedger",
    "SchemaRelease",
    "SignUp",
    "WarmSchema",
]
