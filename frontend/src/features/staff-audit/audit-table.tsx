import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import type { AuditEntry } from '@/api/staff';
import { moment } from '@/features/staff-kit/age';
import { Table, Td, Th, Tr } from '@/ui/table';
import { readChanges } from './changes';

/** Who did what, to whom, why. `withOrganization` is off where the page is about one. */
export function AuditTable({ entries, withOrganization = true }: { entries: readonly AuditEntry[]; withOrganization?: boolean }) {
  return (
    <Table label={t`Audit entries`}>
      <thead>
        <tr>
          <Th>
            <Trans>When</Trans>
          </Th>
          <Th>
            <Trans>Who and what</Trans>
          </Th>
          {withOrganization ? (
            <Th className="max-md:hidden">
              <Trans>Organization</Trans>
            </Th>
          ) : null}
          <Th className="w-[45%] pe-0! max-sm:hidden">
            <Trans>Changes and reason</Trans>
          </Th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <Tr key={entry.id}>
            <Td className="py-2 align-top! whitespace-nowrap text-text-2">
              <time dateTime={entry.at}>{moment(entry.at)}</time>
            </Td>
            <Td className="py-2 align-top!">
              <bdi className="block font-medium">{entry.actor || t`The platform`}</bdi>
              <span className="block mono text-text-2 wrap-anywhere">{entry.action}</span>
              <span className="sm:hidden">
                <Details entry={entry} />
              </span>
              {withOrganization && entry.organization_id ? (
                <span className="md:hidden">
                  <Organization entry={entry} />
                </span>
              ) : null}
            </Td>
            {withOrganization ? <Td className="max-w-[220px] truncate py-2 align-top! max-md:hidden">{entry.organization_id ? <Organization entry={entry} /> : null}</Td> : null}
            <Td className="py-2 pe-0! align-top! max-sm:hidden">
              <Details entry={entry} />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}

function Organization({ entry }: { entry: AuditEntry }) {
  return (
    <Link to="/organizations/$organization" params={{ organization: entry.organization_id ?? '' }} className="rounded-1 hover:underline">
      <bdi>{entry.organization_name ?? entry.organization_id?.slice(0, 8)}</bdi>
    </Link>
  );
}

function Details({ entry }: { entry: AuditEntry }) {
  const changes = readChanges(entry.changes);
  return (
    <span className="block min-w-0">
      {changes.map((change) => (
        <span key={change.field} className="block wrap-anywhere text-text-2">
          <span className="text-text-3">{change.field}</span> {change.before === null ? null : <>{change.before} → </>}
          <span className="text-text">{change.after}</span>
        </span>
      ))}
      {entry.reason ? (
        <span className="block wrap-anywhere">
          “<bdi>{entry.reason}</bdi>”{entry.ticket ? <span className="text-text-3">{t`, ticket ${entry.ticket}`}</span> : null}
        </span>
      ) : null}
    </span>
  );
}
