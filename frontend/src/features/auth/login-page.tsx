import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Link, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { usePageTitle } from '@/app/page-title';
import { boot } from '@/lib/boot';
import { useMe } from '@/lib/permissions';
import { AuthFrame } from './frame';
import { LoginForm } from './login-form';
import { safeNext } from './next';

/** Sign in, then exactly where the link wanted to go. */
export function LoginPage() {
  usePageTitle(t`Sign in`);
  const { next } = useSearch({ strict: false }) as { next?: string };
  const me = useMe();
  const target = safeNext(next, '/home');
  // A whole page load: the new page carries the member, their rights and a fresh token.
  const go = () => window.location.replace(target);
  useEffect(() => {
    if (me) window.location.replace(target);
  }, [me, target]);
  const name = boot().brand.name;
  return (
    <AuthFrame
      title={<Trans>Sign in to {name}</Trans>}
      foot={<Trans>No account? Members are invited by {name}; the link is in the invitation mail.</Trans>}
    >
      <LoginForm
        onSignedIn={go}
        forgot={
          <Link to="/password/forgot" className="link t-sm">
            <Trans>Forgot it?</Trans>
          </Link>
        }
      />
    </AuthFrame>
  );
}
