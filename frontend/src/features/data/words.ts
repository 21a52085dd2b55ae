import { t } from '@lingui/core/macro';
import type { DataExport } from '@/api/types';
import type { StatusTone } from '@/ui/status';

export const TONES: Record<DataExport['state'], StatusTone> = {
  queued: 'off',
  running: 'running',
  ready: 'fine',
  failed: 'failed',
  expired: 'off',
};

/** The state in a word or two. */
export function stateWord(found: DataExport): string {
  switch (found.state) {
    case 'queued':
      return t`Waiting`;
    case 'running':
      return t`Being made`;
    case 'ready':
      return t`Ready`;
    case 'failed':
      return t`Failed`;
    case 'expired':
      return t`Deleted`;
  }
}

/** What is being done right now. */
export function stageWord(found: DataExport): string {
  switch (found.stage) {
    case 'tables':
      return t`Writing people, courses and progress`;
    case 'media':
      return t`Copying films and pictures`;
    case 'finishing':
      return t`Writing the list of contents`;
    default:
      return t`Waiting for its turn`;
  }
}

/** "58,851". */
export const count = (value: number): string => value.toLocaleString('en-GB');
