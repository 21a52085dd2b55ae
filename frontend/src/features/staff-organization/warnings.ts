import { plural, t } from '@lingui/core/macro';
import type { OrganizationDetail } from '@/api/staff';
import { span } from '@/features/staff-kit/age';

export interface Warning {
  tone: 'danger' | 'warning';
  title: string;
  words: string;
}

/** What somebody who opens the page should see before anything else, worst first. */
export function warnings(detail: OrganizationDetail): Warning[] {
  const { schema, queue, usage } = detail;
  const release = schema.release;
  const found: Warning[] = [];
  const behind = release === null ? 0 : (schema.current ?? release) - release;
  const name = (number: number) => String(number).padStart(4, '0');
  if (queue.parked > 0) {
    found.push({
      tone: 'danger',
      title: plural(queue.parked, { one: '# event gave up.', other: '# events gave up.' }),
      words: t`Their work is not done; retry them under Jobs once the cause is gone.`,
    });
  }
  if (release !== null && behind > 0) {
    found.push({ tone: 'danger', title: t`Schema ${name(release)}, ${behind} behind the fleet.`, words: t`The newest is ${name(release + behind)}.` });
  }
  // What is paused waits by design.
  const isServed = detail.organization.state === 'active' || detail.organization.state === 'read_only';
  if (isServed && queue.oldest_seconds > 300) {
    found.push({ tone: 'warning', title: t`Its oldest event has waited ${span(queue.oldest_seconds)}.`, words: t`Mails, progress and audit entries of this organization are late.` });
  }
  if (usage.limit_bytes !== null && usage.limit_bytes > 0 && usage.storage_bytes >= usage.limit_bytes * 0.9) {
    const percent = Math.round((usage.storage_bytes / usage.limit_bytes) * 100);
    found.push({ tone: 'warning', title: t`${percent}\u00a0% of its storage is used.`, words: t`New uploads stop at 100\u00a0%.` });
  }
  return found;
}
