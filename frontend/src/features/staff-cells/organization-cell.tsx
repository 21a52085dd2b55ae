import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { Move, OrganizationDetail } from '@/api/staff';
import { count, moment } from '@/features/staff-kit/age';
import { Section } from '@/features/staff-kit/page';
import { organizationKeys } from '@/features/staff-organization/api';
import { useCan } from '@/lib/permissions';
import { bytes } from '@/lib/size';
import { Button } from '@/ui/button';
import { cx } from '@/ui/cx';
import { Icon } from '@/ui/icon';
import { Progress } from '@/ui/progress';
import { Status } from '@/ui/status';
import { cellKeys, cellsQuery, moveQuery } from './api';
import { isUnderWay, type Mark, marks, MOVE_TONES, moveWord, stepWord } from './model';
import { AbortMoveDialog, MoveDialog } from './move-dialog';

/** In which cell an organization is, its way to another one, and the last such way. Nothing where there is one cell. */
export function OrganizationCell({ organization }: { organization: OrganizationDetail['organization'] }) {
  const may = useCan('operations.act');
  const cells = useQuery(cellsQuery);
  const found = useQuery(moveQuery(organization.id));
  const [asked, setAsked] = useState<'move' | 'abort' | null>(null);
  const known = cells.data?.items ?? [];
  const move = found.data ?? null;
  useFollowed(organization.id, found.data === undefined ? undefined : (move?.state ?? null));
  const elsewhere = known.some((cell) => cell.name !== organization.cell);
  if (move === null && !elsewhere) return null;
  const here = known.find((cell) => cell.is_here);
  const away = here !== undefined && here.name !== organization.cell;
  const moving = move !== null && isUnderWay(move);
  return (
    <Section
      title={<Trans>Cell</Trans>}
      aside={
        <Link to="/fleet/cells" className="link">
          <Trans>All cells</Trans>
        </Link>
      }
    >
      <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-2 border-t border-line py-2">
        <span className="mono font-medium wrap-anywhere">{organization.cell}</span>
        {away ? (
          <span className="text-text-3">
            <Trans>served there, not here</Trans>
          </span>
        ) : may && elsewhere && !moving ? (
          <Button size="sm" className="pointer-coarse:h-11!" onClick={() => setAsked('move')}>
            <Trans>Move to another cell…</Trans>
          </Button>
        ) : null}
      </div>
      {move ? <MoveState move={move} onAbort={may && move.can_abort ? () => setAsked('abort') : undefined} /> : null}
      {asked === 'move' ? <MoveDialog organization={organization} cells={known} rows={move?.rows ?? null} onClose={() => setAsked(null)} /> : null}
      {asked === 'abort' ? <AbortMoveDialog organization={organization} onClose={() => setAsked(null)} /> : null}
    </Section>
  );
}

/** What else the page says of a move, where the organization lives first of all, is read again with each of its turns. */
function useFollowed(organization: string, state: Move['state'] | null | undefined) {
  const client = useQueryClient();
  const last = useRef(state);
  useEffect(() => {
    const turned = last.current !== undefined && state !== undefined && last.current !== state;
    last.current = state;
    if (!turned) return;
    for (const queryKey of [organizationKeys.one(organization), organizationKeys.timeline(organization), cellKeys.all]) {
      void client.invalidateQueries({ queryKey, exact: true });
    }
  }, [client, organization, state]);
}

function MoveState({ move, onAbort }: { move: Move; onAbort: (() => void) | undefined }) {
  const under = isUnderWay(move);
  const percent = `${Math.floor(move.progress_permille / 10)}\u00a0%`;
  return (
    <div className="grid gap-2.5 border-t border-line py-2.5">
      <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
        <Status tone={MOVE_TONES[move.state]} className="font-medium whitespace-normal!">
          {moveWord(move)}
        </Status>
        <span className="inline-flex flex-wrap items-center gap-1.5 mono text-text-2">
          {move.from_cell}
          <Icon as={ArrowRight} size={14} mirror className="text-text-3" />
          <span className="sr-only">{t`to`}</span>
          {move.to_cell}
        </span>
      </div>
      {under ? <Progress value={move.progress_permille / 1000} label={t`Progress of the move`} valueText={percent} /> : null}
      {move.error ? <p role={under ? undefined : 'note'} className="wrap-anywhere text-danger-text">{move.error}</p> : null}
      <ol aria-label={t`Steps of the move`} className="grid gap-1">
        {marks(move).map(({ step, at, mark }) => (
          <li key={step} className="flex items-center justify-between gap-3">
            <span className={cx('inline-flex items-center gap-2', mark === 'open' ? 'text-text-3' : undefined)}>
              <Dot mark={mark} />
              {stepWord(step)}
            </span>
            {at ? (
              <time dateTime={at} className="text-text-3">
                {moment(at)}
              </time>
            ) : null}
          </li>
        ))}
      </ol>
      <Told move={move} />
      {onAbort ? (
        <Button size="sm" variant="danger" className="justify-self-start pointer-coarse:h-11!" onClick={onAbort}>
          <Trans>Give the move up…</Trans>
        </Button>
      ) : null}
    </div>
  );
}

const DOTS: Record<Mark, string> = {
  done: 'rounded-full bg-success-mark',
  now: 'rounded-full ring-2 ring-inset ring-signal-solid',
  open: 'rounded-full ring-[1.5px] ring-inset ring-control',
  stopped: 'rounded-[1px] bg-danger-mark',
};

function Dot({ mark }: { mark: Mark }) {
  const words = { done: t`Done:`, now: t`Now:`, open: t`Not yet:`, stopped: t`Stopped here:` }[mark];
  return (
    <>
      <span aria-hidden="true" className={cx('size-2 flex-none', DOTS[mark])} />
      <span className="sr-only">{words} </span>
    </>
  );
}

/** Who asked for it and why, how much it was, how long changes waited, and until when something is left here. */
function Told({ move }: { move: Move }) {
  const waited = move.closed_seconds === null ? null : `${move.closed_seconds.toFixed(1)}\u00a0s`;
  return (
    <p className="text-text-2 wrap-anywhere">
      {move.reason ? `“${move.reason}” ` : null}
      <span className="text-text-3">{move.requested_by ? t`${move.requested_by}, ${moment(move.created_at)}.` : t`${moment(move.created_at)}.`}</span>{' '}
      {waited ? t`Changes waited for ${waited}.` : null}{' '}
      {move.rows !== null && move.bytes !== null ? t`${count(move.rows)} rows, ${bytes(move.bytes)}.` : null}{' '}
      {move.state === 'moved' && move.drop_after ? t`What it left here is removed after ${moment(move.drop_after)}.` : null}
    </p>
  );
}
