"""The committed template is what the migrations make."""

from __future__ import annotations

from tests.support.plugin import manage


def test_the_committed_template_matches_the_migrations(world: object) -> None:
    manage("build_template", "--check")


def test_no_model_has_changes_without_a_migration(world: object) -> None:
    manage("makemigrations", "--check", "--dry-run")
