import { t } from '@lingui/core/macro';
import type { DomainRecord, DomainRow } from '@/api/types';
import type { StatusTone } from '@/ui/status';

export interface StateWords {
  tone: StatusTone;
  word: string;
  /** What happens next, or what to do. */
  detail: string;
}

/** How far a domain is, as one word and one sentence. */
export function stateOf(row: DomainRow): StateWords {
  if (row.state === 'active' && row.failing_since) {
    return { tone: 'look', word: t`Needs a look`, detail: t`A record is gone. Put it back, or the domain is switched off.` };
  }
  switch (row.state) {
    case 'pending':
      return { tone: 'running', word: t`Waiting for proof`, detail: t`Make both records at your DNS provider. It can take an hour until we see them.` };
    case 'verified':
      return { tone: 'running', word: t`Proved`, detail: t`It is yours. The record that leads visitors here is still missing.` };
    case 'active':
      return { tone: 'fine', word: t`Active`, detail: t`Keep both records. We look at them every day.` };
    case 'disabled':
      return { tone: 'failed', word: t`Switched off`, detail: t`The records were gone for a week. Put them back and look again.` };
  }
}

/** What was found at a record, as one word. */
export function recordState(record: DomainRecord, looked: boolean): { tone: StatusTone; word: string } {
  if (!looked) return { tone: 'off', word: t`Not looked yet` };
  switch (record.state) {
    case 'found':
      return { tone: 'fine', word: t`Right` };
    case 'wrong':
      return { tone: 'failed', word: t`Wrong` };
    case 'missing':
      return { tone: 'off', word: t`Missing` };
    case 'no_answer':
      return { tone: 'look', word: t`No answer` };
  }
}

/** The page is on a host that is not (or no longer) the one that people are led to. */
export function leadsElsewhere(primaryHost: string): boolean {
  return primaryHost !== '' && location.hostname !== primaryHost;
}
