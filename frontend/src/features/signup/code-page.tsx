import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { Link, Navigate, useNavigate } from '@tanstack/react-router';
import { MailOpen } from 'lucide-react';
import { useEffect, useState } from 'react';
import { ApiError } from '@/api/errors';
import { usePageTitle } from '@/app/page-title';
import { boot } from '@/lib/boot';
import { Button, buttonClass } from '@/ui/button';
import { Field } from '@/ui/field';
import { Icon } from '@/ui/icon';
import { Notice } from '@/ui/notice';
import { toast } from '@/ui/toast';
import { resendCode, sendCode } from './api';
import { CodeInput } from './code-input';
import { forgetSignUp, readOpen, saveOpen } from './draft';
import { SignUpFrame } from './frame';
import { markStarted } from './progress';
import { SignInPreview } from './preview';

/** Whole seconds until a moment, counting down. */
function useSecondsUntil(iso: string): number {
  const left = () => Math.max(0, Math.ceil((new Date(iso).getTime() - Date.now()) / 1000));
  const [seconds, setSeconds] = useState(left);
  useEffect(() => {
    setSeconds(left());
    const timer = setInterval(() => setSeconds(left()), 500);
    return () => clearInterval(timer);
    // `left` only reads `iso` and the clock.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [iso]);
  return seconds;
}

/** Step 3: the code from the mail. Right, and the organization is being made. */
export function CodePage() {
  usePageTitle(t`Enter the code`);
  const navigate = useNavigate();
  const [open, setOpen] = useState(readOpen);
  const [code, setCode] = useState('');
  const [error, setError] = useState<string>();
  const [ended, setEnded] = useState(false);
  const wait = useSecondsUntil(open?.resendAt ?? '');
  const mailbox = boot().mailbox_url;

  // While the mail is being read: what comes after the code is there when the code is.
  useEffect(() => {
    void import('./progress-page');
    void import('./hand-over-page');
  }, []);

  const failed = (problem: unknown) => {
    if (!(problem instanceof ApiError)) throw problem;
    if (problem.code === 'sign_up_not_found') return setEnded(true);
    const left = problem.problem['tries_left'];
    setCode('');
    setError(
      problem.code === 'code_wrong' && typeof left === 'number'
        ? t`That is not the code we sent. ${plural(left, { one: '# try left.', other: '# tries left.' })}`
        : problem.detail,
    );
    return undefined;
  };
  const verify = useMutation({
    mutationFn: (digits: string) => sendCode(open?.token ?? '', digits),
    onSuccess: () => {
      markStarted();
      void navigate({ to: '/sign-up/progress', replace: true });
    },
    onError: failed,
  });
  const resend = useMutation({
    mutationFn: () => resendCode(open?.token ?? ''),
    onSuccess: ({ resend_at }) => {
      if (!open) return;
      const next = { ...open, resendAt: resend_at };
      saveOpen(next);
      setOpen(next);
      setCode('');
      setError(undefined);
      toast(t`A new code is on its way. The one before no longer works.`);
    },
    onError: failed,
  });

  if (!open) return <Navigate to="/sign-up/organization" replace />;
  return (
    <SignUpFrame
      step={3}
      stepName={t`Code`}
      title={<Trans>Enter the code</Trans>}
      beside={<SignInPreview name={open.organizationName} slug={open.slug} />}
    >
      <p className="-mt-3 text-text-2">
        <Trans>
          We sent six digits to <strong className="font-semibold wrap-anywhere text-text">{open.email}</strong>. We keep{' '}
          {open.slug}.{boot().tenant_suffix} for you for 30 minutes.
        </Trans>
      </p>
      {ended ? (
        <Notice
          tone="warning"
          live
          title={<Trans>This sign-up has ended.</Trans>}
          action={
            <Link to="/sign-up/organization" className={buttonClass('secondary', 'sm')} onClick={forgetSignUp}>
              <Trans>Start again</Trans>
            </Link>
          }
        >
          <Trans>The 30 minutes are over. Nothing was kept.</Trans>
        </Notice>
      ) : null}
      <form
        noValidate
        className="grid gap-[22px]"
        onSubmit={(event) => {
          event.preventDefault();
          if (code.length === 6) verify.mutate(code);
          else setError(t`The code has six digits.`);
        }}
      >
        <Field label={<Trans>Code</Trans>} error={error} hint={<Trans>Paste works. Spaces do not matter.</Trans>}>
          <CodeInput
            value={code}
            disabled={verify.isPending || ended}
            onChange={(digits) => {
              setCode(digits);
              if (digits) setError(undefined);
            }}
            onComplete={(digits) => verify.mutate(digits)}
          />
        </Field>
        <div className="flex flex-wrap items-center gap-3 max-sm:*:w-full">
          <Button type="submit" variant="primary" size="lg" loading={verify.isPending}>
            {verify.isPending ? <Trans>Checking</Trans> : <Trans>Create the organization</Trans>}
          </Button>
          {mailbox ? (
            <a href={mailbox} target="_blank" rel="noopener" className={buttonClass('secondary', 'lg')}>
              <Icon as={MailOpen} />
              <Trans>Open the local mailbox</Trans>
            </a>
          ) : null}
        </div>
      </form>
      <p className="border-t border-line pt-4 t-sm text-text-2">
        {wait > 0 ? (
          <Trans>
            Nothing arrived? A new code can be sent in <span className="tabular-nums">{wait}</span>&nbsp;s.
          </Trans>
        ) : (
          <Trans>
            Nothing arrived?{' '}
            <button type="button" className="link" disabled={resend.isPending || ended} onClick={() => resend.mutate()}>
              Send a new code
            </button>
          </Trans>
        )}{' '}
        <Trans>
          Wrong address?{' '}
          <Link to="/sign-up/account" className="link">
            Change it
          </Link>
        </Trans>
      </p>
    </SignUpFrame>
  );
}
