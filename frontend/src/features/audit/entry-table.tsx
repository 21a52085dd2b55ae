import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import type { AuditEntry } from '@/api/types';
import { moment } from '@/lib/time';
import { Badge } from '@/ui/badge';
import { Table, Td, Th, Tr } from '@/ui/table';

interface EntryTableProps {
  entries: readonly AuditEntry[];
  /** Whose details are open. */
  open: string | undefined;
  onOpen: (id: string) => void;
}

/** Newest first. The sentence is the button; on phones the time stands below it. */
export function EntryTable({ entries, open, onOpen }: EntryTableProps) {
  return (
    <Table label={t`What was done`}>
      <thead>
        <tr>
          <Th className="w-44 max-md:hidden">
            <Trans>When</Trans>
          </Th>
          <Th>
            <Trans>Who did what</Trans>
          </Th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <Tr key={entry.id} selected={entry.id === open}>
            <Td className="whitespace-nowrap text-text-3 tabular-nums max-md:hidden">
              <time dateTime={entry.at}>{moment(entry.at)}</time>
            </Td>
            <Td className="max-w-0 py-1.5">
              <button
                type="button"
                onClick={() => onOpen(entry.id)}
                className="block min-h-8 w-full rounded-2 py-1 text-start wrap-anywhere focus-visible:-outline-offset-2 pointer-coarse:min-h-11"
              >
                <bdi className="font-medium">{entry.actor}</bdi>
                {entry.behalf ? (
                  <span className="text-text-2">
                    {' '}
                    <Trans>
                      on behalf of <bdi className="font-medium">{entry.behalf}</bdi>
                    </Trans>
                  </span>
                ) : null}{' '}
                <span className="text-text-2">{entry.sentence}</span>
                {entry.actor_kind === 'staff' ? (
                  <span className="ms-2 align-[1px]">
                    <Badge tone="warning">
                      <Trans>Support</Trans>
                    </Badge>
                  </span>
                ) : null}
                <time dateTime={entry.at} className="mt-0.5 block t-xs text-text-3 md:hidden">
                  {moment(entry.at)}
                </time>
              </button>
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
