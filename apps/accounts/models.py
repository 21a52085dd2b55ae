"""Members, the roles they hold, and invitations to become one."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

import tenancy
from core.clock import now
from tenancy.models import TenantModel


class Role(models.TextChoices):
    """What a person does in the organization. Permissions of a role are in each app's ``policies``."""

    OWNER = "owner"
    ADMIN = "admin"
    AUTHOR = "author"
    INSTRUCTOR = "instructor"
    LEARNER = "learner"


class MemberQuerySet(models.QuerySet["Member"]):
    """Members in the words of the product."""

    def active(self) -> MemberQuerySet:
        """Those who may sign in."""
        return self.filter(state=Member.State.ACTIVE)

    def with_roles(self) -> MemberQuerySet:
        """Each with ``role_names``: the roles they hold now in the whole organization."""
        held = RoleAssignment.objects.in_force().filter(
            member_id=OuterRef("pk"), scope=RoleAssignment.Scope.ORGANIZATION
        )
        return self.annotate(role_names=ArraySubquery(held.order_by("role").values("role")))


class MemberManager(models.Manager.from_queryset(MemberQuerySet)):  # type: ignore[misc]  # made by Django
    """What Django and allauth ask a user model's manager for."""

    def get_by_natural_key(self, email: str) -> Member:
        """Return the member who signs in with ``email``."""
        member: Member = self.get(email=email.lower())
        return member


class Member(AbstractBaseUser, TenantModel):
    """A person in one organization: one word for account, seat and profile. Never deleted: facts point here."""

    pii: ClassVar[str] = "email, name, locale, zone, last_seen_on"
    export: ClassVar[str] = "all but the password's hash"
    erase: ClassVar[str] = "anonymise: email, name and password go, the id and what it did stay"
    sealed: ClassVar[tuple[str, ...]] = ("password",)

    class State(models.TextChoices):
        INVITED = "invited"
        ACTIVE = "active"
        SUSPENDED = "suspended"
        ANONYMISED = "anonymised"

    # NULL, not "": anonymised members have no address, and the unique index must let many of them be.
    email = models.EmailField(  # noqa: DJ001
        max_length=254, null=True, help_text="In lower case. NULL once anonymised."
    )
    name = models.CharField(max_length=200)
    locale = models.CharField(max_length=16, default="en")
    zone = models.CharField(max_length=64, default="UTC", help_text="IANA name.")
    state = models.CharField(max_length=16, choices=State, default=State.ACTIVE)
    last_seen_on = models.DateField(null=True, help_text="UTC day of the last page they opened.")
    created_at = models.DateTimeField(default=now)
    suspended_at = models.DateTimeField(null=True)
    session_epoch = models.PositiveIntegerField(default=0, help_text="Raised to end every session at once.")

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = MemberManager()

    class Meta:
        constraints = (
            # With the check below this is uniqueness in any case, on the very column that sign-in asks for.
            models.UniqueConstraint(fields=["email"], name="accounts_member_email"),
            models.CheckConstraint(name="accounts_member_email_is_lower", condition=Q(email=Lower(F("email")))),
            models.CheckConstraint(
                name="accounts_member_email_unless_anonymised",
                condition=Q(state="anonymised", email__isnull=True) | (~Q(state="anonymised") & Q(email__isnull=False)),
            ),
            models.CheckConstraint(
                name="accounts_member_state",
                condition=Q(state__in=["invited", "active", "suspended", "anonymised"]),
            ),
        )
        indexes = (
            # The list of people reads in this order.
            models.Index(fields=["name", "id"], name="accounts_member_by_name"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # a field elsewhere, a state here
        """Whether they may sign in; Django and allauth ask on every request."""
        return self.state == self.State.ACTIVE

    def get_full_name(self) -> str:
        """Return the name."""
        return self.name

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        """Return what a session must carry: it ends with the password, and is of this organization.

        A restored or copied schema holds the same members and password hashes, so those alone would not tell.
        """
        salt = f"apps.accounts.session:{tenancy.current().id}:{self.pk}:{self.session_epoch or ''}".rstrip(":")
        return salted_hmac(salt, self.password, secret=secret, algorithm="sha256").hexdigest()


class RoleAssignmentQuerySet(models.QuerySet["RoleAssignment"]):
    """Assignments in the words of the product."""

    def in_force(self) -> RoleAssignmentQuerySet:
        """Those that have not expired."""
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now()))

    def of_organization(self) -> RoleAssignmentQuerySet:
        """Those that hold everywhere in the organization."""
        return self.filter(scope=RoleAssignment.Scope.ORGANIZATION)


class RoleAssignment(TenantModel):
    """A role that a member holds in the whole organization, in a group or on a course.

    The last active owner stays: a deferred constraint trigger (in the first migration) holds it at each commit.
    """

    pii: ClassVar[str] = "none"
    export: ClassVar[str] = "all"
    erase: ClassVar[str] = "removed with the member's roles"

    class Scope(models.TextChoices):
        ORGANIZATION = "organization"
        GROUP = "group"
        COURSE = "course"

    member = models.ForeignKey(Member, on_delete=models.RESTRICT, related_name="assignments", db_index=False)
    role = models.CharField(max_length=16, choices=Role)
    scope = models.CharField(max_length=16, choices=Scope, default=Scope.ORGANIZATION)
    scope_id = models.UUIDField(null=True)
    granted_by = models.ForeignKey(
        Member, null=True, on_delete=models.RESTRICT, related_name="+", db_index=False, help_text="NULL: the sign-up."
    )
    granted_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(null=True)

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["member", "role", "scope", "scope_id"], name="accounts_role_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                name="accounts_role_known", condition=Q(role__in=["owner", "admin", "author", "instructor", "learner"])
            ),
            # Nobody is an owner until Friday: the organization would be nobody's on Saturday.
            models.CheckConstraint(
                name="accounts_role_owner_for_good", condition=~Q(role="owner") | Q(expires_at__isnull=True)
            ),
            models.CheckConstraint(
                name="accounts_role_scope_known", condition=Q(scope__in=["organization", "group", "course"])
            ),
            models.CheckConstraint(
                name="accounts_role_scope_id",
                condition=Q(scope="organization", scope_id__isnull=True)
                | (~Q(scope="organization") & Q(scope_id__isnull=False)),
            ),
        )
        indexes = (
            # "Who are the owners": the trigger and the last-owner rule ask.
            models.Index(fields=["member"], condition=Q(role="owner"), name="accounts_role_owners"),
        )


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations in the words of the product."""

    def open(self) -> InvitationQuerySet:
        """Neither used up nor revoked; those that expired too, until they are sent again or revoked."""
        return self.filter(used__lt=F("limit"), revoked_at__isnull=True)

    def in_state(self, state: str | None) -> InvitationQuerySet:
        """Those ``open`` (the link works), ``expired``, ``accepted`` or ``withdrawn``; None: the first two."""
        if state == "accepted":
            return self.filter(used__gte=F("limit"))
        if state == "withdrawn":
            return self.filter(used__lt=F("limit"), revoked_at__isnull=False)
        if state == "expired":
            return self.open().filter(expires_at__lte=now())
        return self.redeemable() if state == "open" else self.open()

    def redeemable(self) -> InvitationQuerySet:
        """Those whose link works now."""
        return self.open().filter(expires_at__gt=now())


class Invitation(TenantModel):
    """A way to become a member. The token is in the mail only; here is its hash."""

    pii: ClassVar[str] = "email"
    export: ClassVar[str] = "all but the token's hash"
    erase: ClassVar[str] = "the address goes"
    sealed: ClassVar[tuple[str, ...]] = ("token_sha256",)

    class Kind(models.TextChoices):
        MAIL = "mail"

    kind = models.CharField(max_length=16, choices=Kind, default=Kind.MAIL)
    email = models.EmailField(max_length=254)
    token_sha256 = models.CharField(max_length=64)
    role = models.CharField(max_length=16, choices=Role)
    limit = models.PositiveIntegerField(default=1, help_text="How often it may be accepted.")
    used = models.PositiveIntegerField(default=0)
    invited_by = models.ForeignKey(Member, on_delete=models.RESTRICT, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=now)
    sent_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["token_sha256"], name="accounts_invitation_token"),
            # Two who accept at once: the database has the last word.
            models.CheckConstraint(name="accounts_invitation_within_limit", condition=Q(used__lte=F("limit"))),
            models.CheckConstraint(name="accounts_invitation_kind", condition=Q(kind__in=["mail"])),
            models.CheckConstraint(
                name="accounts_invitation_role",
                condition=Q(role__in=["owner", "admin", "author", "instructor", "learner"]),
            ),
            models.UniqueConstraint(
                fields=["email"],
                condition=Q(revoked_at__isnull=True, used__lt=F("limit")),
                name="accounts_invitation_one_open",
            ),
        )


class EmailChange(TenantModel):
    """A new address that a member asked for and has not confirmed. One at a time; the old address works until then."""

    pii: ClassVar[str] = "email"
    export: ClassVar[str] = "none: it lives for half an hour"
    erase: ClassVar[str] = "deleted"
    not_archived: ClassVar[str] = "a change of address that nobody confirmed yet; it lives for half an hour"

    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="+")
    email = models.EmailField(max_length=254, help_text="In lower case.")
    code_sha256 = models.CharField(max_length=64, help_text='"" where the address is taken: no code was sent.')
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()


class SecurityPolicy(TenantModel):
    """From whom the organization asks a second factor, beyond owners and admins. No row: from nobody else."""

    pii: ClassVar[str] = "none"
    export: ClassVar[str] = "all"
    erase: ClassVar[str] = "with the organization"

    single = models.BooleanField(default=True, unique=True)
    team_since = models.DateTimeField(null=True, help_text="Authors and instructors too, since then.")
    everyone_since = models.DateTimeField(null=True, help_text="Every member, since then.")

    class Meta:
        constraints = (models.CheckConstraint(name="accounts_policy_single", condition=Q(single=True)),)
