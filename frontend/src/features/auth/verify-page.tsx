import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { ApiError } from '@/api/errors';
import { usePageTitle } from '@/app/page-title';
import { Button, buttonClass } from '@/ui/button';
import { Notice } from '@/ui/notice';
import { verifyEmail } from './api';
import { AuthFrame } from './frame';

/** The page behind the link that proves an address. Proved by a press: mail scanners open links too. */
export function VerifyPage() {
  usePageTitle(t`Prove your address`);
  const { key } = useParams({ strict: false }) as { key: string };
  const verify = useMutation({ mutationFn: () => verifyEmail(key) });
  if (verify.isSuccess) {
    return (
      <AuthFrame title={<Trans>Your address is proved</Trans>}>
        <Link to="/login" className={buttonClass('primary')}>
          <Trans>Sign in</Trans>
        </Link>
      </AuthFrame>
    );
  }
  return (
    <AuthFrame title={<Trans>Prove your address</Trans>} lead={<Trans>One press, and you can sign in with it.</Trans>}>
      <div className="grid gap-5">
        {verify.error instanceof ApiError ? (
          <Notice tone="warning" live title={<Trans>This link no longer works.</Trans>}>
            <Trans>Sign in; if the address still needs proof, we send a new one.</Trans>
          </Notice>
        ) : null}
        <Button variant="primary" wide loading={verify.isPending} onClick={() => verify.mutate()}>
          <Trans>This is my address</Trans>
        </Button>
      </div>
    </AuthFrame>
  );
}
