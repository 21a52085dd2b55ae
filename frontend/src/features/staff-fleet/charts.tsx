import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Fleet } from '@/api/staff';
import { count } from '@/features/staff-kit/age';
import { OrganizationLink } from '@/features/staff-kit/organization-link';
import { STATES, stateWord } from '@/features/staff-kit/words';
import { bytes } from '@/lib/size';
import { day } from '@/lib/time';
import { Bars } from '@/ui/charts/bars';
import { ChartFrame } from '@/ui/charts/chart-frame';
import { Columns } from '@/ui/charts/columns';
import { SquareKey, type SquareLook, Squares } from '@/ui/charts/squares';
import { Table, Td, Th, Tr } from '@/ui/table';
import { perSquare, releaseSentence, signUpSentence, squares } from './model';

const LOOKS: Record<string, SquareLook> = {
  active: 'solid',
  requested: 'ring',
  provisioning: 'ring',
  read_only: 'quiet',
  deleted: 'quiet',
  pending_deletion: 'warn',
  deleting: 'warn',
  suspended: 'bad',
  failed: 'bad',
};

/** The states that are drawn: who is gone is counted in the table, but is no part of the fleet. */
const DRAWN = ['active', 'provisioning', 'requested', 'read_only', 'pending_deletion', 'deleting', 'suspended', 'failed'];

const words = () => ({ showTable: t`Show as table`, showChart: t`Show as chart` });

/** A two-column table, the twin of a chart. */
function Twin({ label, names, figures, rows }: { label: string; names: ReactNode; figures: ReactNode; rows: readonly { key: string; name: ReactNode; figure: string }[] }) {
  return (
    <Table label={label}>
      <thead>
        <tr>
          <Th>{names}</Th>
          <Th numeric className="pe-0!">
            {figures}
          </Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Tr key={row.key}>
            <Td>{row.name}</Td>
            <Td numeric className="pe-0!">
              {row.figure}
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}

export function FleetSquares({ organizations }: { organizations: Fleet['organizations'] }) {
  const per = perSquare(organizations.total);
  const drawn = squares(organizations.by_state, DRAWN, per);
  const present = DRAWN.filter((state) => (organizations.by_state[state] ?? 0) > 0);
  const sentence = per === 10 ? t`One square is ten organizations.` : t`One square is one organization.`;
  return (
    <ChartFrame
      title={<Trans>Organizations by state</Trans>}
      sentence={sentence}
      {...words()}
      chart={
        <div className="grid gap-3">
          <Squares
            label={t`Organizations by state: ${present.map((state) => `${stateWord(state)} ${organizations.by_state[state]}`).join(', ')}`}
            squares={drawn.map((square) => ({ look: LOOKS[square.state] ?? 'quiet', title: `${stateWord(square.state)}: ${square.of}` }))}
          />
          <ul className="flex flex-wrap gap-x-5 gap-y-1.5">
            {present.map((state) => (
              <li key={state}>
                <Link to="/organizations" search={{ state }} className="inline-flex items-center gap-2 rounded-1 text-text-2 hover:text-text pointer-coarse:min-h-11">
                  <SquareKey look={LOOKS[state] ?? 'quiet'} />
                  {stateWord(state)}
                  <span className="text-text-3 tabular-nums">{count(organizations.by_state[state] ?? 0)}</span>
                </Link>
              </li>
            ))}
          </ul>
        </div>
      }
      table={
        <Twin
          label={t`Organizations by state`}
          names={<Trans>State</Trans>}
          figures={<Trans>Organizations</Trans>}
          rows={STATES.filter((state) => (organizations.by_state[state] ?? 0) > 0).map((state) => ({
            key: state,
            name: stateWord(state),
            figure: count(organizations.by_state[state] ?? 0),
          }))}
        />
      }
    />
  );
}

const shortDay = (iso: string) => new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' }).format(new Date(iso));

export function SignUps({ days }: { days: Fleet['sign_ups_per_day'] }) {
  const sentence = signUpSentence(days);
  const first = days[0];
  return (
    <ChartFrame
      title={<Trans>Sign-ups per day</Trans>}
      sentence={sentence}
      {...words()}
      chart={
        <Columns
          label={t`Sign-ups per day over ${days.length} days. ${sentence}`}
          values={days.map((one) => ({ key: one.day, value: one.count, label: `${day(one.day)}: ${one.count}` }))}
          from={first ? shortDay(first.day) : ''}
          to={t`Today`}
        />
      }
      table={
        <div className="max-h-[320px] overflow-y-auto">
          <Twin
            label={t`Sign-ups per day`}
            names={<Trans>Day</Trans>}
            figures={<Trans>Sign-ups</Trans>}
            rows={days.toReversed().map((one) => ({ key: one.day, name: day(one.day), figure: count(one.count) }))}
          />
        </div>
      }
    />
  );
}

export function ReleaseBars({ releases, current }: { releases: Fleet['releases']; current: number | null }) {
  const ordered = [...releases].sort((one, two) => two.number - one.number);
  const newest = current ?? ordered[0]?.number;
  const name = (number: number) => String(number).padStart(4, '0');
  return (
    <ChartFrame
      title={<Trans>Schema</Trans>}
      sentence={releaseSentence(releases, current)}
      {...words()}
      chart={
        <Bars
          label={t`Organizations by schema release`}
          rows={ordered.map((release) => ({
            key: String(release.number),
            label: <span className="mono">{name(release.number)}</span>,
            value: release.count,
            text: count(release.count),
            strong: release.number === newest,
          }))}
        />
      }
      table={
        <Twin
          label={t`Organizations by schema release`}
          names={<Trans>Release</Trans>}
          figures={<Trans>Organizations</Trans>}
          rows={ordered.map((release) => ({ key: String(release.number), name: name(release.number), figure: count(release.count) }))}
        />
      }
    />
  );
}

export function LargestBars({ rows }: { rows: Fleet['largest'] }) {
  const all = rows.reduce((sum, row) => sum + row.storage_bytes, 0);
  const first = rows[0];
  const sentence = first && all > 0 ? t`${first.name} stores most: ${bytes(first.storage_bytes)}.` : t`Nothing is stored yet.`;
  return (
    <ChartFrame
      title={<Trans>Largest by what they store</Trans>}
      sentence={sentence}
      {...words()}
      chart={
        <Bars
          label={t`Organizations that store most`}
          rows={rows.map((row) => ({ key: row.id, label: <OrganizationLink id={row.id} name={row.name} />, value: row.storage_bytes, text: bytes(row.storage_bytes) }))}
        />
      }
      table={
        <Twin
          label={t`Organizations that store most`}
          names={<Trans>Organization</Trans>}
          figures={<Trans>Stored</Trans>}
          rows={rows.map((row) => ({ key: row.id, name: <OrganizationLink id={row.id} name={row.name} />, figure: bytes(row.storage_bytes) }))}
        />
      }
    />
  );
}
