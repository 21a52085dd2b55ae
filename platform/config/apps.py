from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    label = "config"

    def ready(self) -> None:
        """Register the checks of a deployment; let every process say where its work comes from and what it costs."""
        from config import checks, sign_ins, tracing, work  # noqa: F401 - registering is all that checks do

        work.connect()
        sign_ins.connect()
        tracing.start()
