from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    label = "config"

    def ready(self) -> None:
        """Let every process say where its work comes from and what it costs."""
        from config import sign_ins, tracing, work

        work.connect()
        sign_ins.connect()
        tracing.start()
