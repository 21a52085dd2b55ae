from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "tenants"

    def ready(self) -> None:
        from tenants.domains import tasks  # noqa: F401 - Celery looks for tasks in the app's own module only
