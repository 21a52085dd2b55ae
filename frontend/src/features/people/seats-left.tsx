import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { money } from '@/lib/money';
import { useCan } from '@/lib/permissions';
import { Notice } from '@/ui/notice';
import { type Seats, seatsQuery } from './api';

/** How many seats would be missing if so many more, and everybody invited before, accepted. */
export function lacking(seats: Pick<Seats, 'free' | 'invited'>, people: number): number {
  return seats.free === null ? 0 : Math.max(0, seats.invited + people - seats.free);
}

/** Before anybody is invited: how many seats are left, and what more would cost. Silent where it cannot be known. */
export function SeatsLeft({ people }: { people: number }) {
  const owner = useCan('billing.manage');
  const { data: seats } = useQuery(seatsQuery);
  if (!seats) return null;
  const { limit, free } = seats;
  if (limit === null || free === null) return null;
  const missing = lacking(seats, people);
  const left = free === 0 ? t`No seat is left` : plural(free, { one: '# seat is left', other: '# seats are left' });
  const waiting = seats.invited > 0 ? plural(seats.invited, { one: '# invitation is open.', other: '# invitations are open.' }) : '';
  if (missing === 0 && free > 0) {
    return (
      <p className="t-sm text-text-2">
        {left} <Trans>of {limit}.</Trans> {waiting} <Trans>An invitation takes none; whoever accepts takes one.</Trans>
      </p>
    );
  }
  const more = Math.max(missing, 1);
  return (
    <Notice
      tone="warning"
      title={
        <>
          {left} <Trans>of {limit}.</Trans> {waiting}
        </>
      }
      action={
        owner ? (
          <Link to="/studio/settings/billing" search={{ change: '1', seats: String(limit + more) }} className="link flex-none">
            <Trans>Get more</Trans>
          </Link>
        ) : null
      }
    >
      {people > 0 ? (
        <>
          {plural(missing, { one: 'One of all invited could not join until there is a seat more.', other: '# of all invited could not join until there are more seats.' })}{' '}
        </>
      ) : (
        <>
          <Trans>Whoever accepts has to wait until there is one.</Trans>{' '}
        </>
      )}
      {owner ? <Cost seats={seats} more={more} /> : <Trans>An owner can get more, or suspend somebody.</Trans>}
    </Notice>
  );
}

function Cost({ seats, more }: { seats: Seats; more: number }) {
  if (!seats.seat_minor || !seats.currency) return null;
  const cost = money(more * seats.seat_minor, seats.currency);
  const what = plural(more, { one: 'One more seat is', other: '# more seats are' });
  return seats.interval === 'year' ? (
    <Trans>
      {what} {cost} a year more, without tax.
    </Trans>
  ) : (
    <Trans>
      {what} {cost} a month more, without tax.
    </Trans>
  );
}
