import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Ellipsis, UserCog } from 'lucide-react';
import type { MemberRow } from '@/api/types';
import { daysAgo } from '@/lib/time';
import { roleName, ROLES } from '@/lib/roles';
import { Avatar } from '@/ui/avatar';
import { Button } from '@/ui/button';
import { IconButton } from '@/ui/icon-button';
import { Menu, MenuItem } from '@/ui/menu';
import { Status } from '@/ui/status';
import { Table, Td, Th, Tr } from '@/ui/table';

interface MembersTableProps {
  members: readonly MemberRow[];
  /** The signed-in member's own row says so. */
  self: string | undefined;
  mayManage: boolean;
  onRoles: (member: MemberRow) => void;
  more: { shown: boolean; loading: boolean; load: () => void };
}

const rolesOf = (member: MemberRow) =>
  ROLES.filter((role) => member.roles.includes(role))
    .map(roleName)
    .join(', ') || t`No role`;

function LastSeen({ member }: { member: MemberRow }) {
  if (member.state === 'suspended') return <Status tone="failed">{t`Suspended`}</Status>;
  if (member.last_seen_on) return <>{daysAgo(member.last_seen_on)}</>;
  return <Status tone="off">{t`Not yet`}</Status>;
}

/** Members by name. On phones the role moves under the name, and the day last seen goes. */
export function MembersTable({ members, self, mayManage, onRoles, more }: MembersTableProps) {
  return (
    <>
      <Table label={t`Members`}>
        <thead>
          <tr>
            <Th className="w-full md:w-[46%]">
              <Trans>Name</Trans>
            </Th>
            <Th className="max-md:hidden">
              <Trans>Role</Trans>
            </Th>
            <Th className="text-end! max-sm:hidden">
              <Trans>Last seen</Trans>
            </Th>
            {mayManage ? (
              <Th className="w-12 pe-0!">
                <span className="sr-only">
                  <Trans>Actions</Trans>
                </span>
              </Th>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {members.map((member) => (
            <Tr key={member.id}>
              <Td className="max-w-0 py-2">
                <div className="flex items-center gap-3">
                  <Avatar name={member.name} />
                  <div className="min-w-0">
                    <p className="truncate font-medium">
                      <bdi>{member.name}</bdi>
                      {member.id === self ? <span className="ms-1.5 font-normal text-text-3">{t`(you)`}</span> : null}
                    </p>
                    <p className="truncate t-xs text-text-3">{member.email}</p>
                    <p className="t-xs text-text-2 md:hidden">{rolesOf(member)}</p>
                  </div>
                </div>
              </Td>
              <Td className="text-text-2 max-md:hidden">{rolesOf(member)}</Td>
              <Td className="text-end whitespace-nowrap text-text-2 max-sm:hidden">
                <LastSeen member={member} />
              </Td>
              {mayManage ? (
                <Td className="pe-0! text-end">
                  <Menu trigger={<IconButton size="sm" icon={Ellipsis} label={t`Actions on ${member.name}`} />}>
                    <MenuItem icon={UserCog} onSelect={() => onRoles(member)}>
                      <Trans>Change roles…</Trans>
                    </MenuItem>
                  </Menu>
                </Td>
              ) : null}
            </Tr>
          ))}
        </tbody>
      </Table>
      {more.shown ? (
        <Button className="mt-4" loading={more.loading} onClick={more.load}>
          {more.loading ? <Trans>Loading</Trans> : <Trans>Show more</Trans>}
        </Button>
      ) : null}
    </>
  );
}
