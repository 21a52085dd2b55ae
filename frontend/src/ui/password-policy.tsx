import { Trans } from '@lingui/react/macro';
import { Check, Dot } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from './cx';
import { Icon } from './icon';

export const PASSWORD_MIN = 10;

/** The parts of the policy a page can judge itself. The server also refuses passwords that are known or too common. */
export function passwordFaults(password: string, personal: readonly string[]): { short: boolean; personal: boolean; digits: boolean } {
  const lower = password.toLowerCase();
  const words = personal
    .flatMap((text) => text.toLowerCase().split(/[\s@.+_-]+/u))
    .filter((word) => word.length >= 4);
  return {
    short: password.length < PASSWORD_MIN,
    personal: words.some((word) => lower.includes(word)),
    digits: /^\d+$/.test(password),
  };
}

/** The policy, with what is fulfilled already ticked. */
export function PasswordPolicy({ password, personal = [] }: { password: string; personal?: readonly string[] }) {
  const faults = passwordFaults(password, personal);
  const typed = password.length > 0;
  return (
    <ul className="grid gap-1 t-xs text-text-3">
      <Rule met={typed && !faults.short}>
        <Trans>At least {PASSWORD_MIN} characters</Trans>
      </Rule>
      <Rule met={typed && !faults.personal && !faults.digits}>
        <Trans>Not your name or e-mail, not only digits</Trans>
      </Rule>
      <Rule met={false}>
        <Trans>Not one of the passwords everyone uses: we check when you send it</Trans>
      </Rule>
    </ul>
  );
}

function Rule({ met, children }: { met: boolean; children: ReactNode }) {
  return (
    <li className={cx('flex items-start gap-2', met && 'text-success-text')}>
      <span className="flex h-[18px] items-center">
        <Icon as={met ? Check : Dot} size={14} />
      </span>
      <span>
        {children}
        {met ? (
          <span className="sr-only">
            {' '}
            <Trans>(fulfilled)</Trans>
          </span>
        ) : null}
      </span>
    </li>
  );
}
