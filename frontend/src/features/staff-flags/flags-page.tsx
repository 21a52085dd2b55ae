import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Flag as FlagIcon } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Flag } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { useRowKeys } from '@/features/staff-kit/keys';
import { StaffPage } from '@/features/staff-kit/page';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { useCan } from '@/lib/permissions';
import { Button } from '@/ui/button';
import { Empty } from '@/ui/empty';
import { Icon } from '@/ui/icon';
import { Notice } from '@/ui/notice';
import { Table, Td, Th, Tr } from '@/ui/table';
import { AddFlagDialog } from './add-flag-dialog';
import { flagsQuery } from './api';
import { FlagSheet } from './flag-sheet';
import { Ends, Reach } from './flag-marks';

/** What is switched on for whom. A flag has an owner and an end, and shouts when the end is past. */
export function FlagsPage() {
  usePageTitle(t`Feature flags`);
  const { flag: chosen } = useSearch({ strict: false }) as { flag?: string };
  const navigate = useNavigate();
  const may = useCan('operations.act');
  const [adding, setAdding] = useState(false);
  const flags = useQuery(flagsQuery);
  const open = (key: string | undefined) => void navigate({ to: '/flags', search: { flag: key }, replace: true });
  const current = flags.data?.items.find((flag) => flag.key === chosen);
  return (
    <StaffPage
      title={<Trans>Feature flags</Trans>}
      aside={flags.data?.items.length}
      actions={
        <Button
          variant="primary"
          icon={<Icon as={FlagIcon} />}
          onClick={() => setAdding(true)}
          {...(may ? {} : { disabledReason: t`For the operations role.` })}
        >
          <Trans>New flag</Trans>
        </Button>
      }
    >
      {flags.isPending ? (
        <RowsSkeleton rows={5} />
      ) : flags.isError ? (
        <Failure compact error={flags.error} onRetry={() => void flags.refetch()} />
      ) : flags.data.items.length === 0 ? (
        <Empty title={<Trans>No flags</Trans>}>
          <Trans>Everything that is built is on for everyone. A flag lets something new reach a few organizations first.</Trans>
        </Empty>
      ) : (
        <FlagsTable flags={flags.data.items} onOpen={open} />
      )}
      {adding ? (
        <AddFlagDialog
          onClose={() => setAdding(false)}
          onAdded={(key) => {
            setAdding(false);
            open(key);
          }}
        />
      ) : null}
      {current ? <FlagSheet flag={current} mayChange={may} onClose={() => open(undefined)} /> : null}
    </StaffPage>
  );
}

function FlagsTable({ flags, onOpen }: { flags: readonly Flag[]; onOpen: (key: string) => void }) {
  const region = useRef<HTMLDivElement>(null);
  useRowKeys(region);
  const expired = flags.filter((flag) => flag.expired);
  return (
    <div ref={region}>
      {expired.length > 0 ? (
        <Notice
          tone="danger"
          className="mb-4 rounded-2! py-2.5!"
          title={plural(expired.length, { one: '# flag is past its end.', other: '# flags are past their end.' })}
        >
          <Trans>Take the code path for good, or give the flag more time: {expired.map((flag) => flag.key).join(', ')}.</Trans>
        </Notice>
      ) : null}
      <Table label={t`Feature flags`}>
        <thead>
          <tr>
            <Th>
              <Trans>Flag</Trans>
            </Th>
            <Th>
              <Trans>Reach</Trans>
            </Th>
            <Th className="max-sm:hidden">
              <Trans>Owner</Trans>
            </Th>
            <Th className="pe-0! max-sm:hidden">
              <Trans>Ends</Trans>
            </Th>
          </tr>
        </thead>
        <tbody>
          {flags.map((flag) => (
            <Tr key={flag.key}>
              <Td className="py-1.5">
                <button
                  type="button"
                  data-row={flag.key}
                  onClick={() => onOpen(flag.key)}
                  className="block max-w-full rounded-1 text-start mono font-medium text-text break-all hover:underline pointer-coarse:min-h-11"
                >
                  {flag.key}
                </button>
                <span className="block text-text-3">{flag.description}</span>
                <span className="block sm:hidden">
                  <Ends flag={flag} />
                </span>
              </Td>
              <Td className="py-1.5">
                <Reach flag={flag} />
              </Td>
              <Td className="text-text-2 max-sm:hidden">{flag.owner}</Td>
              <Td className="pe-0! whitespace-nowrap max-sm:hidden">
                <Ends flag={flag} />
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}
