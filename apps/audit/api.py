"""What other packages may use of audit."""

from apps.audit.services import RecordedOutsideTransaction, erase_words, record

__all__ = ["RecordedOutsideTransaction", "erase_words", "record"]
