import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { DriftReport } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { count, moment } from '@/features/staff-kit/age';
import { OrganizationLink } from '@/features/staff-kit/organization-link';
import { Section } from '@/features/staff-kit/page';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { duration } from '@/lib/time';
import { Status } from '@/ui/status';
import { driftQuery } from './api';
import { releaseName } from './model';

/** Schemas that are not what the template of their release makes. */
export function Drift() {
  const found = useQuery(driftQuery);
  return (
    <Section title={<Trans>Drift from the template</Trans>}>
      {found.isPending ? (
        <RowsSkeleton rows={2} />
      ) : found.isError ? (
        <Failure compact error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <Found report={found.data} />
      )}
    </Section>
  );
}

function Found({ report }: { report: DriftReport }) {
  const { checked_at: at, checked, unknown, items } = report;
  if (at === null) {
    return (
      <p className="border-t border-line pt-2 text-text-3">
        <Trans>
          Nobody has looked yet. It is looked at every night, and by <code className="mono">manage.py check_fleet</code>.
        </Trans>
      </p>
    );
  }
  return (
    <>
      <p className="border-t border-line pt-2 pb-2 text-text-2">
        {items.length === 0 ? (
          <Status tone="fine" className="whitespace-normal!">
            {plural(checked, { 0: 'There was no schema to look at.', one: 'The one schema is as it should be.', other: `All ${count(checked)} schemas are as they should be.` })}
          </Status>
        ) : (
          <Status tone="look" className="whitespace-normal!">
            {plural(items.length, { one: `# of ${count(checked)} schemas is not as it should be.`, other: `# of ${count(checked)} schemas are not as they should be.` })}
          </Status>
        )}
        <span className="mt-1 block text-text-3">
          {t`Looked at ${moment(at)}, in ${duration(report.duration_ms)}.`}{' '}
          {unknown > 0 ? plural(unknown, { one: '# is on a release that this code does not know.', other: '# are on a release that this code does not know.' }) : null}
        </span>
      </p>
      {items.length > 0 ? (
        <ul aria-label={t`Schemas that drifted`}>
          {items.map((line) => (
            <li key={line.organization_id} className="grid gap-1 border-t border-line py-2">
              <div className="flex flex-wrap items-baseline justify-between gap-x-3">
                <span className="min-w-0 font-medium wrap-anywhere">
                  <OrganizationLink id={line.organization_id} name={line.name} />
                </span>
                <span className="text-text-3">
                  <span className="mono">{releaseName(line.release)}</span>, {t`since ${moment(line.first_seen_at)}`}
                </span>
              </div>
              <Differences words={line.differences} />
            </li>
          ))}
        </ul>
      ) : null}
    </>
  );
}

const SHOWN = 3;

function Differences({ words }: { words: readonly string[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? words : words.slice(0, SHOWN);
  return (
    <>
      <ul className="mono text-text-2">
        {shown.map((one) => (
          <li key={one} className="wrap-anywhere">
            {one}
          </li>
        ))}
      </ul>
      {words.length > SHOWN ? (
        <button type="button" className="link w-fit pointer-coarse:min-h-11" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t`Show fewer` : t`Show all ${words.length}`}
        </button>
      ) : null}
    </>
  );
}
