import { Trans } from '@lingui/react/macro';
import type { ButtonHTMLAttributes, Ref } from 'react';
import { useMe } from '@/lib/permissions';
import { mainRole, roleName } from '@/lib/roles';
import { Avatar } from '@/ui/avatar';

/** Avatar alone (in a header), with name and role (foot of the studio's navigation), or a tab of the phone's bar. */
export type AccountLook = 'avatar' | 'row' | 'tab';

type AccountButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & { look: AccountLook; ref?: Ref<HTMLButtonElement> };

/** Opens the account's menu. Looks the same before the menu's code is there. */
export function AccountButton({ look, ref, ...rest }: AccountButtonProps) {
  const me = useMe();
  if (!me) return null;
  const { name } = me.member;
  switch (look) {
    case 'row':
      return (
        <button
          ref={ref}
          type="button"
          {...rest}
          className="flex h-12 w-full items-center gap-2.5 rounded-2 px-2 text-start t-xs hover:bg-hover max-lg:justify-center max-lg:px-0"
        >
          <Avatar name={name} size={24} />
          <span className="sr-only">
            <Trans>Account:</Trans>
          </span>
          <bdi className="truncate font-medium text-text-2 max-lg:sr-only">{name}</bdi>
          <span className="ms-auto text-text-3 max-lg:sr-only">{roleName(mainRole(me.roles))}</span>
        </button>
      );
    case 'tab':
      return (
        <button ref={ref} type="button" {...rest}>
          <Avatar name={name} size={20} />
          <Trans>Account</Trans>
        </button>
      );
    case 'avatar':
      return (
        <button ref={ref} type="button" {...rest} className="grid size-11 flex-none place-items-center rounded-full">
          <span className="sr-only">
            <Trans>Account of {name}</Trans>
          </span>
          <Avatar name={name} />
        </button>
      );
  }
}
