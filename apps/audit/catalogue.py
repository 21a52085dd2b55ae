"""Every act that the audit knows: its group, its sentence, and the fields whose values it may keep.

Values of a field that an act does not list are never stored: a password or a token cannot reach the audit by mistake.
``{label}`` stands for the thing acted on, in quotes; ``{name}`` without. A test holds this list against every call of
``record`` and ``note``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

GROUPS: dict[str, str] = {
    "sign_in": "Sign-in",
    "people": "People and roles",
    "courses": "Courses",
    "library": "Library",
    "learning": "Learning",
    "brand": "Brand",
    "organization": "Organization",
    "domains": "Domains",
    "exports": "Exports",
    "support": "Support access",
    "audit": "Audit",
}


@dataclass(frozen=True, slots=True)
class Act:
    """One kind of act. ``fields`` maps what may be kept to its word; ``personal`` are those erased with the member."""

    group: str
    words: str
    fields: dict[str, str] = field(default_factory=dict)
    personal: frozenset[str] = frozenset()
    # What stands for ``{label}`` where nothing is known of it.
    unknown: str = "something"


_ROLES = {"roles": "Roles"}
_CELL = {"cell": "Where"}
_WHY = {"reason": "Reason"}
_INVITED = {"email": "E-mail", "role": "Role"}
_SUPPORT = {"reason": "Reason", "ticket": "Ticket", "scope": "Reach", "minutes": "Minutes"}
_STATE = {"state": "State", "reason": "Reason", "delete_after": "Deleted after"}

ACTS: dict[str, Act] = {
    # -- sign-in
    "accounts.session.started": Act("sign_in", "signed in"),
    "accounts.session.ended": Act("sign_in", "signed out"),
    "accounts.session.refused": Act(
        "sign_in", "tried to sign in as {label} with a wrong password", unknown="somebody who is no member"
    ),
    "accounts.hand_over.refused": Act("sign_in", "tried a link into the organization that does not open it"),
    "audit.permission.denied": Act(
        "sign_in",
        "tried what they may not do",
        {"request": "Request", "needs": "Permission", "code": "Refusal"},
    ),
    "accounts.session.revoked": Act("sign_in", "ended one of their sessions", {"device": "Device"}),
    "accounts.sessions.revoked": Act("sign_in", "ended all their other sessions", {"count": "Sessions"}),
    "accounts.password.changed": Act("sign_in", "changed their password"),
    "accounts.password.reset": Act("sign_in", "set a new password by mail"),
    "accounts.factor.added": Act("sign_in", "set up a second step", {"kind": "Kind"}),
    "accounts.factor.removed": Act("sign_in", "removed a second step", {"kind": "Kind"}),
    "accounts.factor.refused": Act("sign_in", "tried a wrong code for {label}"),
    "accounts.recovery_code.used": Act("sign_in", "used a recovery code"),
    "accounts.recovery_codes.renewed": Act("sign_in", "made new recovery codes"),
    "accounts.email_change.asked": Act("sign_in", "asked to change their e-mail address"),
    "accounts.email_change.cancelled": Act("sign_in", "took back the change of their e-mail address"),
    "accounts.email.changed": Act(
        "sign_in", "changed their e-mail address", {"email": "E-mail"}, personal=frozenset({"email"})
    ),
    # -- people
    "accounts.member.joined": Act("people", "joined", {**_ROLES, "via": "By"}),
    "accounts.roles.changed": Act("people", "changed the roles of {label}", _ROLES),
    "accounts.profile.changed": Act(
        "people",
        "changed their profile",
        {"name": "Name", "locale": "Language", "zone": "Time zone"},
        personal=frozenset({"name"}),
    ),
    "accounts.member.suspended": Act("people", "suspended {label}", _WHY),
    "accounts.member.restored": Act("people", "restored {label}"),
    "accounts.member.erased": Act("people", "erased {label}", _WHY),
    "accounts.factors.reset": Act("people", "reset the second step of {label}", _WHY),
    "accounts.invitation.sent": Act("people", "invited somebody", _INVITED, personal=frozenset({"email"})),
    "accounts.invitation.resent": Act("people", "sent an invitation again", _INVITED, personal=frozenset({"email"})),
    "accounts.invitation.link_made": Act(
        "people", "made a link of an invitation", _INVITED, personal=frozenset({"email"})
    ),
    "accounts.invitation.withdrawn": Act("people", "withdrew an invitation", _INVITED, personal=frozenset({"email"})),
    "accounts.security_policy.changed": Act(
        "people", "changed of whom a second step is asked", {"second_factor": "Asked of"}
    ),
    # -- courses
    "branding.brand.published": Act(
        "brand",
        "published a new look",
        {
            "color": "Colour",
            "heading_font": "Heading face",
            "name": "Name shown",
            "welcome_title": "Welcome",
            "welcome_text": "Words of welcome",
            "sender_name": "Sender of mails",
            "reply_to": "Replies to",
            "footer": "Footer",
            "logo_light_id": "Logo on light",
            "logo_dark_id": "Logo on dark",
            "favicon_id": "Icon",
            "login_image_id": "Picture of the sign-in page",
        },
    ),
    "courses.course.created": Act("courses", "made the course {label}"),
    "courses.course.edited": Act(
        "courses",
        "changed the course {label}",
        {"title": "Title", "summary": "Summary", "visibility": "Who sees it"},
    ),
    "courses.course.archived": Act("courses", "archived the course {label}"),
    "courses.course.removed": Act("courses", "put the course {label} into the bin"),
    "courses.course.published": Act("courses", "published the course {label}", {"number": "Version", "note": "Note"}),
    # -- library
    "library.asset.uploaded": Act("library", "uploaded {label}", {"size_bytes": "Bytes"}),
    "library.asset.renamed": Act("library", "renamed {label}", {"title": "Title"}),
    "library.asset.deleted": Act("library", "deleted {label}"),
    "library.captions.added": Act("library", "added captions to {label}", {"language": "Language"}),
    "library.captions.deleted": Act("library", "deleted captions of {label}", {"language": "Language"}),
    # -- learning
    "enrollments.enrollment.created": Act(
        "learning", "enrolled {label} on a course", {"course": "Course", "source": "By"}
    ),
    "enrollments.enrollment.withdrawn": Act("learning", "took {label} off a course", {"course": "Course"}),
    # -- the organization itself
    "billing.overage.chosen": Act(
        "organization",
        "chose what happens beyond what the plan includes",
        {"delivered_bytes": "Delivery", "transcode_seconds": "Encoding"},
    ),
    "organization.name.changed": Act("organization", "renamed the organization", {"name": "Name"}),
    "organization.state.limited": Act("organization", "made the organization read-only", _STATE),
    "organization.state.suspended": Act("organization", "paused the organization", _STATE),
    "organization.state.reactivated": Act("organization", "opened the organization again", _STATE),
    "organization.export.asked": Act("exports", "asked for an export of everything", _WHY),
    "organization.export.linked": Act("exports", "made a download link for an export"),
    "organization.export.downloaded": Act("exports", "downloaded an export"),
    "organization.export.removed": Act("exports", "removed an export"),
    "organization.export.brought": Act("exports", "brought an archive in"),
    "organization.restore.asked": Act("exports", "had an archive compared with the organization", _WHY),
    "organization.restored": Act("exports", "restored the organization from an archive", {"as_of": "As of"}),
    "organization.move.asked": Act("organization", "asked for the organization to be moved", _CELL),
    "organization.move.began": Act("organization", "began to move the organization", _CELL),
    "organization.move.ended": Act("organization", "left the organization where it was", _CELL),
    "organization.deletion.asked": Act("organization", "asked for the organization to be deleted", _STATE),
    "organization.deletion.cancelled": Act("organization", "called the deletion of the organization off", _STATE),
    # -- support access
    "domains.domain.claimed": Act("domains", "began to add the domain {label}", {"host": "Domain"}),
    "domains.domain.verified": Act("domains", "proved the domain {label}", {"state": "State"}),
    "domains.domain.activated": Act("domains", "brought the domain {label} into use", {"state": "State"}),
    "domains.domain.disabled": Act("domains", "switched the domain {label} off", {"state": "State"}),
    "domains.domain.released": Act("domains", "removed the domain {label}", {"host": "Domain"}),
    "domains.primary.changed": Act("domains", "made {label} the primary address", {"host": "Address"}),
    "domains.address.changed": Act("domains", "changed the organization's address to {label}", {"host": "Address"}),
    "reports.first_run.dismissed": Act("organization", "put the first steps away"),
    "reports.first_run.reopened": Act("organization", "took the first steps out again"),
    "support.access.requested": Act("support", "asked for support access", _SUPPORT),
    "support.access.started": Act("support", "opened support access", _SUPPORT),
    "support.access.refused": Act("support", "refused support access", _SUPPORT),
    "support.access.ended": Act("support", "ended support access", {"end_reason": "Why it ended"}),
    "support.access.entered": Act("support", "entered the organization under support access", {"scope": "Reach"}),
    "support.page.viewed": Act("support", "looked at {name}", {"route": "Page"}),
    "support.page.changed": Act("support", "changed something under support access", {"request": "Request"}),
    "support.consent.changed": Act("support", "changed who may let support in", {"mode": "Support access"}),
    # -- audit
    "audit.export.made": Act("audit", "exported the audit", {"format": "Format", "filters": "Filters"}),
}
