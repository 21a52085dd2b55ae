import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { BookOpen, LogOut, PencilRuler } from 'lucide-react';
import { ApiError } from '@/api/errors';
import { signOut } from '@/features/auth/api';
import { boot } from '@/lib/boot';
import { useMe, worksInStudio } from '@/lib/permissions';
import { mainRole, roleName } from '@/lib/roles';
import { Avatar } from '@/ui/avatar';
import { Menu, MenuItem, MenuSeparator } from '@/ui/menu';
import { toast } from '@/ui/toast';
import { ThemeChoices } from './theme-menu';

/** Avatar alone (in a header), with name and role (at the foot of the studio's navigation), or as a tab of the phone's bar. */
export function AccountMenu({ look = 'avatar', side }: { look?: 'avatar' | 'row' | 'tab'; side?: 'top' | 'bottom' }) {
  const me = useMe();
  const leave = useMutation({
    mutationFn: signOut,
    onSuccess: () => window.location.assign('/'),
    onError: (error) => toast(error instanceof ApiError ? error.detail : t`You are still signed in. Try again.`),
  });
  if (!me) return null;
  const { name, email } = me.member;
  const inStudio = boot().surface === 'studio';
  return (
    <Menu
      width={240}
      side={side ?? 'bottom'}
      align={look === 'row' ? 'start' : 'end'}
      trigger={
        look === 'row' ? (
          <button
            type="button"
            className="flex h-12 w-full items-center gap-2.5 rounded-2 px-2 text-start t-xs hover:bg-hover max-lg:justify-center max-lg:px-0"
          >
            <Avatar name={name} size={24} />
            <span className="sr-only">
              <Trans>Account:</Trans>
            </span>
            <bdi className="truncate font-medium text-text-2 max-lg:sr-only">{name}</bdi>
            <span className="ms-auto text-text-3 max-lg:sr-only">{roleName(mainRole(me.roles))}</span>
          </button>
        ) : look === 'tab' ? (
          <button type="button">
            <Avatar name={name} size={20} />
            <Trans>Account</Trans>
          </button>
        ) : (
          <button type="button" className="grid size-11 flex-none place-items-center rounded-full">
            <span className="sr-only">
              <Trans>Account of {name}</Trans>
            </span>
            <Avatar name={name} />
          </button>
        )
      }
    >
      <div className="grid gap-0.5 px-2.5 pt-2 pb-1.5">
        <bdi className="truncate font-[560]">{name}</bdi>
        <span className="truncate t-xs text-text-3">{email}</span>
      </div>
      <MenuSeparator />
      {inStudio ? (
        <MenuItem icon={BookOpen} onSelect={() => window.location.assign('/home')}>
          <Trans>See it as a learner</Trans>
        </MenuItem>
      ) : worksInStudio(me) ? (
        <MenuItem icon={PencilRuler} onSelect={() => window.location.assign('/studio')}>
          <Trans>Open the studio</Trans>
        </MenuItem>
      ) : null}
      <ThemeChoices />
      <MenuSeparator />
      <MenuItem icon={LogOut} onSelect={() => leave.mutate()}>
        <Trans>Sign out</Trans>
      </MenuItem>
    </Menu>
  );
}
