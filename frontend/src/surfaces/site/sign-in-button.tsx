import { Trans } from '@lingui/react/macro';
import { lazy, Suspense, useState } from 'react';
import { Button } from '@/ui/button';

const SignInDialog = lazy(() => import('./sign-in-dialog').then((module) => ({ default: module.SignInDialog })));

export function SignInButton() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="ghost" className="h-10! text-[15px] pointer-coarse:h-11!" onClick={() => setOpen(true)}>
        <Trans>Sign in</Trans>
      </Button>
      {open ? (
        <Suspense fallback={null}>
          <SignInDialog onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </>
  );
}
