import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import type { Dispatcher } from '@/api/staff';
import { ago, moment, span } from '@/features/staff-kit/age';
import { Breaks } from '@/features/staff-kit/breaks';
import { Section } from '@/features/staff-kit/page';
import { cx } from '@/ui/cx';
import { Status } from '@/ui/status';
import { Table, Td, Th, Tr } from '@/ui/table';
import { dutyTone, failing, nextTurn, ordered, took } from './model';

/** What the platform does by itself, each with its last turn and its next. */
export function Duties({ duties }: { duties: Dispatcher['duties'] }) {
  return (
    <Section title={<Trans>Duties of the platform</Trans>}>
      <Table label={t`Duties of the platform`}>
        <thead>
          <tr>
            <Th>
              <Trans>Duty</Trans>
            </Th>
            <Th numeric className="max-sm:hidden">
              <Trans>Every</Trans>
            </Th>
            <Th numeric>
              <Trans>Last turn</Trans>
            </Th>
            <Th numeric className="max-sm:hidden">
              <Trans>Took</Trans>
            </Th>
            <Th numeric className="pe-0!">
              <Trans>Next</Trans>
            </Th>
          </tr>
        </thead>
        <tbody>
          {ordered(duties).map((duty) => (
            <Tr key={duty.name}>
              <Td className="py-1.5">
                <Status tone={dutyTone(duty)} className="mono whitespace-normal! wrap-anywhere">
                  <span>
                    <Breaks name={duty.name} />
                  </span>
                </Status>
                {duty.failed_at ? (
                  <span className={cx('ms-[15px] block wrap-anywhere', failing(duty) ? 'text-danger-text' : 'text-text-3')}>
                    {t`Failed ${moment(duty.failed_at)}:`} {duty.error}
                  </span>
                ) : null}
              </Td>
              <Td numeric className="whitespace-nowrap text-text-2 max-sm:hidden">
                {span(duty.period_seconds)}
              </Td>
              <Td numeric className="whitespace-nowrap text-text-2">
                {duty.started_at ? (
                  <time dateTime={duty.started_at} title={moment(duty.started_at)}>
                    {ago(duty.started_at)}
                  </time>
                ) : (
                  '–'
                )}
              </Td>
              <Td numeric className="whitespace-nowrap text-text-2 max-sm:hidden">
                {duty.duration_ms === null ? '–' : took(duty.duration_ms)}
              </Td>
              <Td numeric className="pe-0! whitespace-nowrap">
                {nextTurn(duty)}
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}
