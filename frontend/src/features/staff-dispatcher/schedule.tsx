import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import type { Dispatcher } from '@/api/staff';
import { ago, count, span } from '@/features/staff-kit/age';
import { Breaks } from '@/features/staff-kit/breaks';
import { Section } from '@/features/staff-kit/page';
import { Status, type StatusTone } from '@/ui/status';

type Line = Dispatcher['schedule']['duties'][number];

const toneOf = (line: Line): StatusTone => (line.failing > 0 ? 'failed' : line.overdue > 0 ? 'look' : line.in_flight > 0 ? 'running' : 'fine');

/** Duties that every organization has, with how many turns are late. */
export function Schedule({ schedule }: { schedule: Dispatcher['schedule'] }) {
  return (
    <Section title={<Trans>Duties of organizations</Trans>}>
      {schedule.duties.length === 0 ? (
        <p className="border-t border-line pt-2 text-text-3">
          <Trans>Nothing is scheduled.</Trans>
        </p>
      ) : (
        <ul>
          {schedule.duties.map((line) => (
            <li key={line.name} className="grid gap-0.5 border-t border-line py-2">
              <div className="flex flex-wrap items-baseline justify-between gap-x-3">
                <Status tone={toneOf(line)} className="mono whitespace-normal! wrap-anywhere">
                  <span>
                    <Breaks name={line.name} />
                  </span>
                </Status>
                <span className="text-text-3">{t`every ${span(line.period_seconds)}`}</span>
              </div>
              <p className="ms-[15px] text-text-2">
                {plural(line.organizations, { one: '# organization', other: '# organizations' })}
                {line.overdue > 0 ? t`, ${count(line.overdue)} overdue, oldest ${span(line.lag_seconds)}` : null}
                {line.in_flight > 0 ? t`, ${count(line.in_flight)} at it` : null}
                {line.last_finished_at ? <span className="text-text-3">{t`, last ${ago(line.last_finished_at)}`}</span> : null}
              </p>
              {line.failing > 0 ? (
                <p className="ms-[15px] wrap-anywhere text-danger-text">
                  {t`${count(line.failing)} are tried again:`} {line.error}
                </p>
              ) : null}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
