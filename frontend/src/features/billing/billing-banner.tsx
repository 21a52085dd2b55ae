import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { CreditCard, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { BillingStanding } from '@/lib/boot';
import { day } from '@/lib/time';
import { cx } from '@/ui/cx';
import { Icon } from '@/ui/icon';
import { IconButton } from '@/ui/icon-button';
import { type BannerKind, mayPutAway } from './model';
import { daysLeft } from './words';

/** What an owner has to know about money, above every page of the studio. Nobody else gets it from the server. */
export function BillingBanner({ kind, standing }: { kind: BannerKind; standing: BillingStanding }) {
  // Put away per end date: another date is other news.
  const key = `billing-banner:${kind}:${standing.trial_end_at ?? standing.cancel_at ?? ''}`;
  const closable = mayPutAway(kind, standing);
  const [away, setAway] = useState(() => closable && remembered(key));
  if (closable && away) return null;
  const chooses = CHOOSES.has(kind) && !standing.owes;
  const urgent = kind === 'unpaid' || kind === 'past_due' || kind === 'crowded';
  return (
    <section aria-label={t`Billing`} className={cx('flex flex-wrap items-baseline gap-x-3 gap-y-1 px-4 py-2.5 md:px-8', urgent ? 'bg-danger-soft' : kind === 'leaving' ? 'bg-info-soft' : 'bg-warning-soft')}>
      <span className="flex h-(--lh) items-center self-start">
        <Icon as={CreditCard} size={18} />
      </span>
      <p className="min-w-0 flex-1 basis-64">
        <Words kind={kind} standing={standing} />
      </p>
      <span className="flex items-center gap-2">
        <Link to="/studio/settings/billing" search={chooses ? { change: '1' } : {}} className="inline-flex min-h-6 items-center font-medium underline underline-offset-3 pointer-coarse:min-h-11">
          {kind === 'crowded' ? <Trans>Take more seats</Trans> : chooses ? <Trans>Choose a plan</Trans> : kind === 'leaving' ? <Trans>See billing</Trans> : <Trans>Pay now</Trans>}
        </Link>
        {closable ? (
          <IconButton
            size="sm"
            icon={X}
            iconSize={16}
            label={t`Put away`}
            onClick={() => {
              remember(key);
              setAway(true);
            }}
          />
        ) : null}
      </span>
    </section>
  );
}

/** Where the way on is a plan, not an invoice. */
const CHOOSES: ReadonlySet<BannerKind> = new Set(['trial', 'trial_over', 'ended', 'crowded']);

function Words({ kind, standing }: { kind: BannerKind; standing: BillingStanding }) {
  const { trial_end_at, read_only_at, owes, cancel_at, is_comp, is_invoiced, now } = standing;
  switch (kind) {
    case 'trial':
      return (
        <>
          <Strong>
            {is_comp ? (
              <Trans>The plan that was given to you: {daysLeft(trial_end_at ?? now, Date.parse(now))}.</Trans>
            ) : (
              <Trans>Trial: {daysLeft(trial_end_at ?? now, Date.parse(now))}.</Trans>
            )}
          </Strong>
          <Trans>Without a plan the studio becomes read-only then. Learners go on.</Trans>
        </>
      );
    case 'past_due':
      return (
        <>
          <Strong>
            {is_invoiced ? <Trans>An invoice is overdue.</Trans> : <Trans>A payment failed.</Trans>}
          </Strong>
          {read_only_at ? (
            <Trans>Everything works; if it stays unpaid, the studio becomes read-only on {day(read_only_at)}. Learners notice nothing.</Trans>
          ) : (
            <Trans>Everything works. Learners notice nothing.</Trans>
          )}
        </>
      );
    case 'trial_over':
      return (
        <>
          <Strong>
            {is_comp ? <Trans>The plan that was given to you has ended: the studio is read-only.</Trans> : <Trans>The trial is over: the studio is read-only.</Trans>}
          </Strong>
          <Trans>Learners go on, nothing is deleted. A plan opens everything at once.</Trans>
        </>
      );
    case 'unpaid':
      return (
        <>
          <Strong>
            <Trans>The studio is read-only: an invoice is unpaid.</Trans>
          </Strong>
          <Trans>Learners go on. Paying it opens everything at once.</Trans>
        </>
      );
    case 'ended':
      return (
        <>
          <Strong>
            <Trans>The plan has ended: the studio is read-only.</Trans>
          </Strong>
          {owes ? (
            <Trans>Learners go on, nothing is deleted. An invoice is unpaid: pay it, then a plan opens everything at once.</Trans>
          ) : (
            <Trans>Learners go on, nothing is deleted. A plan opens everything at once.</Trans>
          )}
        </>
      );
    case 'crowded':
      return (
        <>
          <Strong>
            {read_only_at && Date.parse(read_only_at) <= Date.parse(now) ? (
              <Trans>The studio is read-only: more people may sign in than you have seats.</Trans>
            ) : (
              <Trans>More people may sign in than you have seats.</Trans>
            )}
          </Strong>
          {read_only_at && Date.parse(read_only_at) > Date.parse(now) ? (
            <Trans>Nobody new can join, and on {day(read_only_at)} the studio becomes read-only. Take more seats, or suspend people. Learners go on.</Trans>
          ) : (
            <Trans>Take more seats, or suspend people: either opens everything at once. Learners go on.</Trans>
          )}
        </>
      );
    case 'leaving':
      return (
        <>
          <Strong>{cancel_at ? <Trans>Cancelled: everything works until {day(cancel_at)}.</Trans> : <Trans>Cancelled.</Trans>}</Strong>
          <Trans>You can take it back until then.</Trans>
        </>
      );
  }
}

function Strong({ children }: { children: ReactNode }) {
  return (
    <>
      <strong className="font-semibold">{children}</strong>{' '}
    </>
  );
}

function remembered(key: string): boolean {
  try {
    return localStorage.getItem(key) !== null;
  } catch {
    return false; // no storage here: then it shows again
  }
}

function remember(key: string): void {
  try {
    localStorage.setItem(key, '1');
  } catch {
    // No storage here: then it shows again with the next page.
  }
}
