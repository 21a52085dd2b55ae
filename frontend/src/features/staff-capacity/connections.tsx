import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import type { Capacity } from '@/api/staff';
import { ago, count, moment } from '@/features/staff-kit/age';
import { Section } from '@/features/staff-kit/page';
import { Table, Td, Th, Tr } from '@/ui/table';

type Line = Capacity['connections']['backends'][number];

/** A count of what connections are at. PostgreSQL tells of other logins only how many there are. */
const told = (line: Line, value: number) => (line.active + line.idle + line.idle_in_transaction === 0 ? '–' : count(value));

/** Connections to PostgreSQL by login and kind of process, with what they are at. */
export function Connections({ connections }: { connections: Capacity['connections'] }) {
  return (
    <Section title={<Trans>Connections to PostgreSQL</Trans>}>
      <Table label={t`Connections to PostgreSQL`}>
        <thead>
          <tr>
            <Th>
              <Trans>Login</Trans>
            </Th>
            <Th numeric>
              <Trans>All</Trans>
            </Th>
            <Th numeric>
              <Trans>Active</Trans>
            </Th>
            <Th numeric>
              <Trans>Idle</Trans>
            </Th>
            <Th numeric className="max-sm:hidden">
              <Trans>In a transaction</Trans>
            </Th>
            <Th numeric className="max-sm:hidden">
              <Trans>Wait for a lock</Trans>
            </Th>
            <Th numeric className="max-sm:hidden">
              <Trans>Oldest</Trans>
            </Th>
            <Th numeric className="pe-0! max-sm:hidden">
              <Trans>Longest statement</Trans>
            </Th>
          </tr>
        </thead>
        <tbody>
          {connections.backends.map((line) => (
            <Tr key={`${line.login} ${line.process}`}>
              <Td className="py-1.5">
                <span className="mono wrap-anywhere">{line.login}</span>
                {line.process ? <span className="block mono text-text-3 wrap-anywhere">{line.process}</span> : null}
              </Td>
              <Td numeric>{count(line.count)}</Td>
              <Td numeric className="text-text-2">
                {told(line, line.active)}
              </Td>
              <Td numeric className="text-text-2">
                {told(line, line.idle)}
              </Td>
              <Td numeric className="text-text-2 max-sm:hidden">
                {told(line, line.idle_in_transaction)}
              </Td>
              <Td numeric className={line.waiting_for_lock > 0 ? 'font-semibold text-warning-text max-sm:hidden' : 'text-text-2 max-sm:hidden'}>
                {told(line, line.waiting_for_lock)}
              </Td>
              <Td numeric className="whitespace-nowrap text-text-2 max-sm:hidden">
                {line.oldest_at ? (
                  <time dateTime={line.oldest_at} title={moment(line.oldest_at)}>
                    {ago(line.oldest_at)}
                  </time>
                ) : (
                  '–'
                )}
              </Td>
              <Td numeric className="pe-0! whitespace-nowrap text-text-2 max-sm:hidden">
                {line.longest_statement_seconds === null ? '–' : `${line.longest_statement_seconds.toFixed(1)}\u00a0s`}
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}
