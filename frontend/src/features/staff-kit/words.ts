import { t } from '@lingui/core/macro';
import type { StatusTone } from '@/ui/status';

/** What an organization's state is called. */
export function stateWord(state: string): string {
  switch (state) {
    case 'requested':
      return t`Requested`;
    case 'provisioning':
      return t`Provisioning`;
    case 'active':
      return t`Active`;
    case 'read_only':
      return t`Read-only`;
    case 'suspended':
      return t`Suspended`;
    case 'pending_deletion':
      return t`Pending deletion`;
    case 'deleting':
      return t`Deleting`;
    case 'deleted':
      return t`Deleted`;
    case 'failed':
      return t`Failed`;
    default:
      return spaced(state);
  }
}

const STATE_TONES: Record<string, StatusTone> = {
  requested: 'running',
  provisioning: 'running',
  active: 'fine',
  read_only: 'off',
  suspended: 'failed',
  pending_deletion: 'look',
  deleting: 'look',
  deleted: 'off',
  failed: 'failed',
};

export const stateTone = (state: string): StatusTone => STATE_TONES[state] ?? 'off';

/** All states, in the order of a life. */
export const STATES = ['requested', 'provisioning', 'active', 'read_only', 'suspended', 'pending_deletion', 'deleting', 'deleted', 'failed'] as const;

/** The button that starts a change of state. The server may know events that this page does not: their own word then. */
export function eventWord(event: string): string {
  switch (event) {
    case 'limit':
      return t`Make read-only`;
    case 'suspend':
      return t`Suspend`;
    case 'reactivate':
      return t`Reactivate`;
    case 'ask_deletion':
      return t`Schedule deletion`;
    case 'cancel_deletion':
      return t`Call off deletion`;
    default:
      return spaced(event);
  }
}

/** "Suspending", while it happens. */
export function eventRunning(event: string): string {
  switch (event) {
    case 'limit':
      return t`Making read-only`;
    case 'suspend':
      return t`Suspending`;
    case 'reactivate':
      return t`Reactivating`;
    case 'ask_deletion':
      return t`Scheduling`;
    case 'cancel_deletion':
      return t`Calling off`;
    default:
      return t`Working`;
  }
}

/** At their end something is gone for good: the name of the organization is typed first. */
export const IRREVERSIBLE: ReadonlySet<string> = new Set(['ask_deletion']);

/** The event that takes another one back, where there is one. */
export const UNDONE_BY: Readonly<Record<string, string>> = { limit: 'reactivate', suspend: 'reactivate', ask_deletion: 'cancel_deletion' };

export function jobStateWord(state: string): string {
  switch (state) {
    case 'waiting':
      return t`Waiting`;
    case 'running':
      return t`Running`;
    case 'done':
      return t`Done`;
    case 'failed':
      return t`Failed`;
    case 'cancelled':
      return t`Given up`;
    default:
      return spaced(state);
  }
}

const JOB_TONES: Record<string, StatusTone> = {
  waiting: 'off',
  queued: 'off',
  running: 'running',
  done: 'fine',
  ready: 'fine',
  failed: 'failed',
  cancelled: 'off',
};

export const jobStateTone = (state: string): StatusTone => JOB_TONES[state] ?? 'off';

export function staffRoleWord(role: string): string {
  switch (role) {
    case 'support':
      return t`Support`;
    case 'operations':
      return t`Operations`;
    case 'finance':
      return t`Finance`;
    default:
      return spaced(role);
  }
}

/** "pending_deletion" as "Pending deletion", for words that only the server knows. */
export function spaced(word: string): string {
  const text = word.replaceAll(/[._-]+/g, ' ').trim();
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
