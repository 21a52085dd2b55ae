import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Keyboard, LogOut, ShieldCheck, UsersRound } from 'lucide-react';
import { ThemeChoices } from '@/features/account/theme-choices';
import { signOut } from '@/features/staff-auth/api';
import { useStaff } from '@/features/staff-auth/session';
import { sentence } from '@/features/staff-kit/problem';
import { staffRoleWord } from '@/features/staff-kit/words';
import { useCan } from '@/lib/permissions';
import { Avatar } from '@/ui/avatar';
import { Menu, MenuItem, MenuSeparator } from '@/ui/menu';
import { toast } from '@/ui/toast';

/** One's own account: factors and devices, who else works here, appearance, the way out. */
export function AccountMenu({ onHelp }: { onHelp: () => void }) {
  const staff = useStaff();
  const navigate = useNavigate();
  const accounts = useCan('staff.accounts');
  const leave = useMutation({
    mutationFn: signOut,
    onSuccess: () => window.location.assign('/sign-in'),
    onError: (error) => toast(sentence(error)),
  });
  if (!staff) return null;
  return (
    <Menu
      width={240}
      trigger={
        <button type="button" className="grid size-9 flex-none place-items-center rounded-full focus-visible:outline-white pointer-coarse:size-11">
          <span className="sr-only">{t`Account of ${staff.name}`}</span>
          <Avatar name={staff.name} size={24} />
        </button>
      }
    >
      <div className="grid gap-0.5 px-2.5 pt-2 pb-1.5">
        <bdi className="truncate font-[560]">{staff.name}</bdi>
        <span className="truncate t-xs text-text-3">{staff.email}</span>
        <span className="t-xs text-text-3">{staff.roles.map(staffRoleWord).join(', ')}</span>
      </div>
      <MenuSeparator />
      <MenuItem icon={ShieldCheck} onSelect={() => void navigate({ to: '/account' })}>
        <Trans>Your account</Trans>
      </MenuItem>
      {accounts ? (
        <MenuItem icon={UsersRound} onSelect={() => void navigate({ to: '/accounts' })}>
          <Trans>Staff accounts</Trans>
        </MenuItem>
      ) : null}
      <MenuItem icon={Keyboard} shortcut="?" onSelect={onHelp}>
        <Trans>Keys</Trans>
      </MenuItem>
      <ThemeChoices />
      <MenuSeparator />
      <MenuItem icon={LogOut} onSelect={() => leave.mutate()}>
        <Trans>Sign out</Trans>
      </MenuItem>
    </Menu>
  );
}
