import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Standing } from '@/api/staff';
import { moment } from '@/features/staff-kit/age';
import { Section } from '@/features/staff-kit/page';
import { useCan } from '@/lib/permissions';
import { Button } from '@/ui/button';
import { cx } from '@/ui/cx';
import { Status } from '@/ui/status';
import { deliveryQuery, standingQuery } from './api';
import { type Mark, marks, phaseWord, standingTone, standingWord, strategyWord } from './model';
import { DeliveryMoveDialog } from './move-dialog';

/** How an organization's films are delivered, and how far it is on its way. Nothing where the embedded edge delivers. */
export function OrganizationDelivery({ organization }: { organization: string }) {
  const may = useCan('operations.act');
  const edge = useQuery(deliveryQuery);
  const found = useQuery({ ...standingQuery(organization), enabled: edge.data?.edge === 'cloudfront' });
  const [asked, setAsked] = useState(false);
  const standing = found.data;
  if (edge.data?.edge !== 'cloudfront' || !standing) return null;
  return (
    <Section
      title={<Trans>Delivery of films</Trans>}
      aside={
        <Link to="/fleet/delivery" className="link">
          <Trans>All of it</Trans>
        </Link>
      }
    >
      <div className="grid gap-1.5 border-t border-line py-2">
        <span className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
          <Status tone={standingTone(standing)} className="font-medium whitespace-normal!">
            {standingWord(standing)}
          </Status>
          {may && standing.choices.length > 0 ? (
            <Button size="sm" className="pointer-coarse:h-11!" onClick={() => setAsked(true)}>
              {standing.phase ? <Trans>Call off…</Trans> : <Trans>Move…</Trans>}
            </Button>
          ) : null}
        </span>
        <span className="text-text-2">
          {strategyWord(standing.strategy)} <span className="mono wrap-anywhere">{standing.distribution || '–'}</span>
        </span>
        {standing.problem ? <span className="text-warning-text wrap-anywhere">{standing.problem}</span> : null}
      </div>
      {standing.phase ? <Steps standing={standing} phase={standing.phase} /> : null}
      {asked ? <DeliveryMoveDialog standing={standing} distributions={edge.data.distributions} onClose={() => setAsked(false)} /> : null}
    </Section>
  );
}

const DOTS: Record<Mark, string> = {
  done: 'rounded-full bg-success-mark',
  now: 'rounded-full ring-2 ring-inset ring-signal-solid',
  open: 'rounded-full ring-[1.5px] ring-inset ring-control',
};

function Steps({ standing, phase }: { standing: Standing; phase: NonNullable<Standing['phase']> }) {
  return (
    <ol aria-label={t`Steps of the move`} className="grid gap-1 border-t border-line py-2.5">
      {marks(phase).map(({ phase: one, mark }) => (
        <li key={one} className="flex flex-wrap items-center justify-between gap-x-3">
          <span className={cx('inline-flex items-center gap-2', mark === 'open' ? 'text-text-3' : undefined)}>
            <span aria-hidden="true" className={cx('size-2 flex-none', DOTS[mark])} />
            <span className="sr-only">{{ done: t`Done:`, now: t`Now:`, open: t`Not yet:` }[mark]} </span>
            {phaseWord(one)}
          </span>
          {mark === 'now' && standing.next_at ? <span className="text-text-3">{t`until ${moment(standing.next_at)}`}</span> : null}
        </li>
      ))}
    </ol>
  );
}
