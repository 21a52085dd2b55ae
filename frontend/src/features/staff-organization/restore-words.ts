import { t } from '@lingui/core/macro';
import type { ComparedTable, RestoreDetail } from '@/api/staff';
import { count } from '@/features/staff-kit/age';
import type { StatusTone } from '@/ui/status';

export function restoreWord(state: RestoreDetail['state']): string {
  switch (state) {
    case 'queued':
      return t`Waiting`;
    case 'running':
      return t`Being built`;
    case 'compared':
      return t`Built, waits for you`;
    case 'swapping':
      return t`Swapping`;
    case 'swapped':
      return t`Swapped in`;
    case 'discarding':
      return t`Discarding`;
    case 'discarded':
      return t`Discarded`;
    case 'failed':
      return t`Failed`;
  }
}

export const RESTORE_TONES: Record<RestoreDetail['state'], StatusTone> = {
  queued: 'off',
  running: 'running',
  compared: 'look',
  swapping: 'running',
  swapped: 'fine',
  discarding: 'running',
  discarded: 'off',
  failed: 'failed',
};

/** "+12", "−3", "0": with a real minus. */
export const signed = (difference: number) => (difference > 0 ? `+${count(difference)}` : difference < 0 ? `−${count(-difference)}` : '0');

/** What a swap would take away: rows that are there now and not in the archive. */
export const rowsLost = (tables: readonly ComparedTable[]) => tables.reduce((sum, table) => sum + table.goes_away, 0);
