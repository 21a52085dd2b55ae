from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class EventsConfig(AppConfig):
    name = "events"

    def ready(self) -> None:
        # Every app's listeners and periodic duties register themselves on import.
        autodiscover_modules("subscribers", "duties")
        from events import dispatcher  # noqa: F401 - registers the relay's own duties
