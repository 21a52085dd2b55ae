from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "apps.accounts"
    label = "accounts"

    def ready(self) -> None:
        from apps.accounts import sessions

        # Permissions are ours, in each app's policies; Django's rows would point into the shared schema.
        post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
        user_logged_in.connect(sessions.stamp, dispatch_uid="apps.accounts.sessions.stamp")
