import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Ellipsis, KeyRound, UserCheck, UserCog, UserPlus, UserX } from 'lucide-react';
import { useState } from 'react';
import type { StaffAccountRow } from '@/api/staff';
import { Failure, Forbidden } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { useStaff } from '@/features/staff-auth/session';
import { ago } from '@/features/staff-kit/age';
import { StaffPage } from '@/features/staff-kit/page';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { staffRoleWord } from '@/features/staff-kit/words';
import { useCan } from '@/lib/permissions';
import { Avatar } from '@/ui/avatar';
import { Button } from '@/ui/button';
import { Icon } from '@/ui/icon';
import { IconButton } from '@/ui/icon-button';
import { Menu, MenuItem } from '@/ui/menu';
import { Status } from '@/ui/status';
import { Table, Td, Th, Tr } from '@/ui/table';
import { toast } from '@/ui/toast';
import { accountsQuery } from './api';
import { AddDialog, LinkDialog, RolesDialog, StartOverDialog, StateDialog } from './dialogs';

type Asked = { what: 'add' } | { what: 'roles' | 'state' | 'start-over' | 'link'; account: StaffAccountRow } | null;

/** Who works for the platform, in which roles. */
export function AccountsPage() {
  usePageTitle(t`Staff accounts`);
  const may = useCan('staff.accounts');
  const client = useQueryClient();
  const [asked, setAsked] = useState<Asked>(null);
  const accounts = useQuery({ ...accountsQuery, enabled: may });
  const close = () => setAsked(null);
  const refresh = () => void client.invalidateQueries({ queryKey: accountsQuery.queryKey });
  const done = () => {
    refresh();
    toast(t`Saved`);
    close();
  };
  const made = (account: StaffAccountRow) => {
    refresh();
    setAsked({ what: 'link', account });
  };
  if (!may) {
    return (
      <StaffPage title={<Trans>Staff accounts</Trans>}>
        <Forbidden compact />
      </StaffPage>
    );
  }
  return (
    <StaffPage
      title={<Trans>Staff accounts</Trans>}
      aside={accounts.data?.items.length}
      className="max-w-[1000px]"
      actions={
        <Button variant="primary" icon={<Icon as={UserPlus} />} onClick={() => setAsked({ what: 'add' })}>
          <Trans>Add</Trans>
        </Button>
      }
    >
      {accounts.isPending ? (
        <RowsSkeleton rows={5} />
      ) : accounts.isError ? (
        <Failure compact error={accounts.error} onRetry={() => void accounts.refetch()} />
      ) : (
        <AccountsTable accounts={accounts.data.items} onAsk={(what, account) => setAsked({ what, account })} />
      )}
      {asked?.what === 'add' ? <AddDialog onClose={close} onMade={made} /> : null}
      {asked?.what === 'link' ? <LinkDialog account={asked.account} onClose={close} /> : null}
      {asked?.what === 'roles' ? <RolesDialog account={asked.account} onClose={close} onDone={done} /> : null}
      {asked?.what === 'state' ? <StateDialog account={asked.account} onClose={close} onDone={done} /> : null}
      {asked?.what === 'start-over' ? <StartOverDialog account={asked.account} onClose={close} onMade={made} /> : null}
    </StaffPage>
  );
}

function AccountState({ state }: { state: StaffAccountRow['state'] }) {
  if (state === 'active') return <Status tone="fine">{t`Active`}</Status>;
  return state === 'suspended' ? <Status tone="failed">{t`Suspended`}</Status> : <Status tone="off">{t`Not set up yet`}</Status>;
}

function AccountsTable({ accounts, onAsk }: { accounts: readonly StaffAccountRow[]; onAsk: (what: 'roles' | 'state' | 'start-over', account: StaffAccountRow) => void }) {
  const self = useStaff();
  return (
    <Table label={t`Staff accounts`}>
      <thead>
        <tr>
          <Th className="w-[40%]">
            <Trans>Name</Trans>
          </Th>
          <Th className="max-sm:hidden">
            <Trans>Roles</Trans>
          </Th>
          <Th>
            <Trans>State</Trans>
          </Th>
          <Th numeric className="max-sm:hidden">
            <Trans>Last sign-in</Trans>
          </Th>
          <Th className="relative w-10 pe-0!">
            <span className="sr-only">
              <Trans>Actions</Trans>
            </span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {accounts.map((account) => (
          <Tr key={account.id}>
            <Td className="max-w-0 py-1.5">
              <span className="flex items-center gap-2.5">
                <Avatar name={account.name} size={24} />
                <span className="min-w-0">
                  <span className="block truncate font-medium">
                    <bdi>{account.name}</bdi>
                    {account.id === self?.id ? <span className="ms-1.5 font-normal text-text-3">{t`(you)`}</span> : null}
                  </span>
                  <span className="block truncate text-text-3">{account.email}</span>
                  <span className="block text-text-2 sm:hidden">{account.roles.map(staffRoleWord).join(', ')}</span>
                </span>
              </span>
            </Td>
            <Td className="text-text-2 max-sm:hidden">{account.roles.map(staffRoleWord).join(', ')}</Td>
            <Td>
              <AccountState state={account.state} />
            </Td>
            <Td numeric className="text-text-2 max-sm:hidden">
              {account.last_seen_at ? ago(account.last_seen_at) : '–'}
            </Td>
            <Td className="pe-0! text-end">
              <Menu trigger={<IconButton size="sm" className="pointer-coarse:size-11!" icon={Ellipsis} label={t`Actions on ${account.name}`} />}>
                <MenuItem icon={UserCog} onSelect={() => onAsk('roles', account)}>
                  <Trans>Change roles…</Trans>
                </MenuItem>
                <MenuItem icon={KeyRound} onSelect={() => onAsk('start-over', account)}>
                  <Trans>Start over…</Trans>
                </MenuItem>
                {account.id === self?.id ? (
                  <MenuItem icon={UserX} disabled detail={t`Somebody else has to do that.`}>
                    <Trans>Suspend…</Trans>
                  </MenuItem>
                ) : (
                  <MenuItem icon={account.state === 'suspended' ? UserCheck : UserX} danger={account.state !== 'suspended'} onSelect={() => onAsk('state', account)}>
                    {account.state === 'suspended' ? <Trans>Let back in…</Trans> : <Trans>Suspend…</Trans>}
                  </MenuItem>
                )}
              </Menu>
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
