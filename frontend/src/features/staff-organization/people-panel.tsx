import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Failure } from '@/app/boundaries';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { roleName } from '@/lib/roles';
import { useCan } from '@/lib/permissions';
import { daysAgo } from '@/lib/time';
import { Icon } from '@/ui/icon';
import { Input } from '@/ui/input';
import { Notice } from '@/ui/notice';
import { Status } from '@/ui/status';
import { Table, Td, Th, Tr } from '@/ui/table';
import { PEOPLE_SHOWN, peopleQuery } from './api';

/** Who belongs to the organization: enough to find somebody, nothing of what they learn. */
export function PeoplePanel({ organization, q, onSearch }: { organization: string; q: string | undefined; onSearch: (q: string | undefined) => void }) {
  const may = useCan('support.people');
  if (!may) {
    return (
      <Notice className="mt-3 rounded-2!">
        <Trans>People's names are for support and operations.</Trans>
      </Notice>
    );
  }
  return <People organization={organization} q={q} onSearch={onSearch} />;
}

function People({ organization, q, onSearch }: { organization: string; q: string | undefined; onSearch: (q: string | undefined) => void }) {
  const [text, setText] = useState(q ?? '');
  useEffect(() => {
    if (text.trim() === (q ?? '')) return undefined;
    const timer = setTimeout(() => onSearch(text.trim() || undefined), 250);
    return () => clearTimeout(timer);
    // Only what is typed starts the wait.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [text]);
  const people = useQuery(peopleQuery(organization, q));
  const rows = people.data?.items ?? [];
  return (
    <div className="pt-3">
      <Input
        quiet
        type="search"
        aria-label={t`Search by name or e-mail`}
        placeholder={t`Name or e-mail`}
        value={text}
        onChange={(event) => setText(event.target.value)}
        start={<Icon as={Search} size={14} className="text-text-3" />}
        className="mb-3 w-full sm:w-[260px]"
      />
      {people.isPending ? (
        <RowsSkeleton rows={6} />
      ) : people.isError ? (
        <Failure compact error={people.error} onRetry={() => void people.refetch()} />
      ) : rows.length === 0 ? (
        <p className="border-t border-line py-3 text-text-3">{q ? <Trans>Nobody has this name or address.</Trans> : <Trans>Nobody is there yet.</Trans>}</p>
      ) : (
        <Table label={t`People`}>
          <thead>
            <tr>
              <Th className="w-1/2">
                <Trans>Name</Trans>
              </Th>
              <Th>
                <Trans>Roles</Trans>
              </Th>
              <Th className="max-sm:hidden">
                <Trans>State</Trans>
              </Th>
              <Th numeric className="pe-0!">
                <Trans>Last seen</Trans>
              </Th>
            </tr>
          </thead>
          <tbody>
            {rows.map((person) => (
              <Tr key={person.id}>
                <Td className="max-w-0 py-1.5">
                  <bdi className="block truncate font-medium">{person.name}</bdi>
                  <span className="block truncate text-text-3">{person.email}</span>
                </Td>
                <Td className="text-text-2">{person.roles.map(roleName).join(', ')}</Td>
                <Td className="max-sm:hidden">{person.state === 'active' ? <Status tone="fine">{t`Active`}</Status> : <Status tone="failed">{t`Suspended`}</Status>}</Td>
                <Td numeric className="pe-0! whitespace-nowrap text-text-2">
                  {person.last_seen_on ? daysAgo(person.last_seen_on) : t`Not yet`}
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
      {rows.length >= PEOPLE_SHOWN ? (
        <p className="pt-3 text-text-3">
          <Trans>The first {PEOPLE_SHOWN}. Type a name to find others.</Trans>
        </p>
      ) : null}
    </div>
  );
}
