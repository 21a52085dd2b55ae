import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Ellipsis, ShieldOff, UserCheck, UserCog, UserMinus, UserX } from 'lucide-react';
import type { MemberRow } from '@/api/types';
import { daysAgo } from '@/lib/time';
import { roleName, ROLES } from '@/lib/roles';
import { Avatar } from '@/ui/avatar';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { IconButton } from '@/ui/icon-button';
import { Menu, MenuItem, MenuSeparator } from '@/ui/menu';
import { Status } from '@/ui/status';
import { Table, Td, Th, Tr } from '@/ui/table';
import type { Keeping } from './keeping-dialog';

interface MembersTableProps {
  members: readonly MemberRow[];
  /** The signed-in member's own row says so. */
  self: string | undefined;
  mayManage: boolean;
  /** Only owners do anything to owners. */
  isOwner: boolean;
  onRoles: (member: MemberRow) => void;
  onKeep: (kind: Keeping, member: MemberRow) => void;
  onRestore: (member: MemberRow) => void;
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

/** Whether a factor protects the account: said only where there is one. */
function Protected({ member }: { member: MemberRow }) {
  return member.has_second_factor ? <Badge tone="success">{t`Second step`}</Badge> : null;
}

/** Members by name. On phones the role moves under the name, and the day last seen goes. */
export function MembersTable({ members, self, mayManage, isOwner, onRoles, onKeep, onRestore, more }: MembersTableProps) {
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
                      <span className="ms-2 align-middle max-sm:hidden">
                        <Protected member={member} />
                      </span>
                    </p>
                    <p className="truncate t-xs text-text-3">{member.email}</p>
                    <p className="t-xs text-text-2 md:hidden">
                      {rolesOf(member)}
                      {member.state === 'suspended' ? <span className="sm:hidden"> · {t`Suspended`}</span> : null}
                    </p>
                  </div>
                </div>
              </Td>
              <Td className="text-text-2 max-md:hidden">{rolesOf(member)}</Td>
              <Td className="text-end whitespace-nowrap text-text-2 max-sm:hidden">
                <LastSeen member={member} />
              </Td>
              {mayManage ? (
                <Td className="pe-0! text-end">
                  <Actions
                    member={member}
                    mine={member.id === self}
                    reachable={isOwner || !member.roles.includes('owner')}
                    onRoles={onRoles}
                    onKeep={onKeep}
                    onRestore={onRestore}
                  />
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

interface ActionsProps extends Pick<MembersTableProps, 'onRoles' | 'onKeep' | 'onRestore'> {
  member: MemberRow;
  mine: boolean;
  reachable: boolean;
}

/** What may be done to a member, dangerous things last. */
function Actions({ member, mine, reachable, onRoles, onKeep, onRestore }: ActionsProps) {
  const gone = member.state === 'anonymised';
  if (gone) return null;
  const why = mine ? t`Not to yourself` : t`Only an owner`;
  const off = mine || !reachable ? { disabled: true, detail: why } : {};
  return (
    <Menu trigger={<IconButton size="sm" icon={Ellipsis} label={t`Actions on ${member.name}`} />}>
      <MenuItem icon={UserCog} onSelect={() => onRoles(member)}>
        <Trans>Change roles…</Trans>
      </MenuItem>
      {member.has_second_factor ? (
        <MenuItem icon={ShieldOff} onSelect={() => onKeep('reset', member)} {...off}>
          <Trans>Reset second step…</Trans>
        </MenuItem>
      ) : null}
      {member.state === 'suspended' ? (
        <MenuItem icon={UserCheck} onSelect={() => onRestore(member)} {...off}>
          <Trans>Restore</Trans>
        </MenuItem>
      ) : (
        <MenuItem icon={UserMinus} onSelect={() => onKeep('suspend', member)} {...off}>
          <Trans>Suspend…</Trans>
        </MenuItem>
      )}
      <MenuSeparator />
      <MenuItem icon={UserX} danger onSelect={() => onKeep('erase', member)} {...off}>
        <Trans>Erase for good…</Trans>
      </MenuItem>
    </Menu>
  );
}
