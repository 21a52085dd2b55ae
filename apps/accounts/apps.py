from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "apps.accounts"
    label = "accounts"

    def ready(self) -> None:
        from apps.accounts import acts, devices, sessions

        # Permissions are ours, in each app's policies; Django's rows would point into the shared schema.
        post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
        user_logged_in.connect(sessions.stamp, dispatch_uid="apps.accounts.sessions.stamp")
        user_logged_in.connect(acts.signed_in, dispatch_uid="apps.accounts.acts.signed_in")
        user_logged_in.connect(devices.signed_in, dispatch_uid="apps.accounts.devices.signed_in")
        user_logged_out.connect(acts.signed_out, dispatch_uid="apps.accounts.acts.signed_out")
        user_login_failed.connect(acts.refused, dispatch_uid="apps.accounts.acts.refused")
