import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { BookOpen, LogOut, PencilRuler, UserRound } from 'lucide-react';
import { ApiError } from '@/api/errors';
import { signOut } from '@/features/auth/api';
import { boot } from '@/lib/boot';
import { useMe, worksInStudio } from '@/lib/permissions';
import { Menu, MenuItem, MenuSeparator } from '@/ui/menu';
import { toast } from '@/ui/toast';
import { AccountButton, type AccountLook } from './account-button';
import { ThemeChoices } from './theme-choices';

/** What one does with one's own account: the other surface, the appearance, the way out. */
export function AccountMenuPanel({ look, side }: { look: AccountLook; side: 'top' | 'bottom' }) {
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
      side={side}
      align={look === 'row' ? 'start' : 'end'}
      trigger={<AccountButton look={look} />}
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
      <MenuItem icon={UserRound} onSelect={() => window.location.assign('/account')}>
        <Trans>Your account</Trans>
      </MenuItem>
      <ThemeChoices />
      <MenuSeparator />
      <MenuItem icon={LogOut} onSelect={() => leave.mutate()}>
        <Trans>Sign out</Trans>
      </MenuItem>
    </Menu>
  );
}
