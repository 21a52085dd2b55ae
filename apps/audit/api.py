"""What other packages may use of audit."""

from apps.audit.denials import note as denied
from apps.audit.services import RecordedOutsideTransaction, erase_words, record

__all__ = ["RecordedOutsideTransaction", "denied", "erase_words", "record"]
