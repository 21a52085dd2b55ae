import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link, Navigate } from '@tanstack/react-router';
import { Check, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { ApiError } from '@/api/errors';
import type { SignUpStatus, SignUpStep } from '@/api/types';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { buttonClass } from '@/ui/button';
import { cx } from '@/ui/cx';
import { ErrorState } from '@/ui/error-state';
import { Icon } from '@/ui/icon';
import { Logo } from '@/ui/logo';
import { SkipLink } from '@/ui/page';
import { Skeleton } from '@/ui/skeleton';
import { Spinner } from '@/ui/spinner';
import { Track } from '@/ui/track';
import { signUpStatus } from './api';
import { forgetSignUp, readOpen } from './draft';
import { currentStep, handOverStart, pollAfter, startedAt, stepSegments, tookOf } from './progress';

/** Seconds since the code was accepted, while something runs. */
function useElapsed(running: boolean): number {
  const [start] = useState(startedAt);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 100);
    return () => clearInterval(timer);
  }, [running]);
  return Math.max(0, now - start);
}

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)}\u00a0s`;

/** What a step leaves behind, in a few words. Steps this page does not know yet show their name alone. */
function detailOf(step: SignUpStep, status: SignUpStatus): string {
  switch (step.name) {
    case 'schema':
      return t`Tables and a database role that can read nothing else`;
    case 'media':
    case 'namespace':
      return t`A private prefix and signing keys for your video`;
    case 'quota':
      return t`Room for your first uploads`;
    case 'owner':
      return status.email ? t`Owner: ${status.email}` : t`The owner of everything here`;
    case 'brand':
      return t`Colours that can be read in light and dark`;
    case 'domain':
      return status.organization.host;
    case 'check':
      return t`Opened once, as your learners will`;
    default:
      return '';
  }
}

/** The organization being made, step by step; leaves for its studio when it is ready. */
export function ProgressPage() {
  const [open] = useState(readOpen);
  const [start] = useState(startedAt);
  const status = useQuery({
    queryKey: ['sign-up', open?.token],
    queryFn: ({ signal }) => signUpStatus(open?.token ?? '', signal),
    enabled: open !== null,
    retry: (failures, error) => failures < 20 && error instanceof ApiError && error.retryable,
    retryDelay: 1_000,
    refetchInterval: ({ state }) =>
      state.data?.state === 'provisioning' ? pollAfter(Date.now() - start) : false,
  });
  const data = status.data;
  const ready = data?.state === 'ready';
  const elapsed = useElapsed(!ready && data?.state !== 'failed' && !status.isError);
  const name = data?.organization.name ?? open?.organizationName ?? '';
  usePageTitle(ready ? t`Opening your studio` : t`Building ${name}`);

  useEffect(() => {
    const next = data && handOverStart(data);
    if (next) window.location.assign(next);
  }, [data]);

  if (!open) return <Navigate to="/sign-up/organization" replace />;
  if (data?.state === 'unverified') return <Navigate to="/sign-up/code" replace />;
  return (
    <>
      <SkipLink>
        <Trans>Skip to the content</Trans>
      </SkipLink>
      <header className="mx-auto flex h-[60px] max-w-[1344px] items-center px-4 sm:h-[76px] sm:px-12">
        <a href="/" aria-label={t`Emerging Tech, front page`} className="flex rounded-2">
          <Logo />
        </a>
      </header>
      <main id="main" tabIndex={-1} className="mx-auto max-w-[720px] px-4 py-6 sm:px-8 sm:py-[72px]">
        {status.isError ? (
          <Gone error={status.error} onRetry={() => void status.refetch()} />
        ) : data?.state === 'failed' ? (
          <Failed detail={data.detail} />
        ) : (
          <>
            <h1 className="t-h1" tabIndex={-1}>
              {ready ? <Trans>Opening your studio</Trans> : <Trans>Building {name}</Trans>}
            </h1>
            <p className="mt-2.5 t-lead">
              <Trans>Usually ready in a few seconds. You can reload this page; it goes on where it is.</Trans>
            </p>
            {data ? <Steps status={data} elapsed={elapsed} /> : <StepsSkeleton />}
            <p className="mt-7 border-t border-line pt-5 t-sm text-text-3">
              <Trans>If a step fails we repeat it, and undo all of them if it cannot be done. Nothing half-made stays behind.</Trans>
            </p>
          </>
        )}
      </main>
    </>
  );
}

function Steps({ status, elapsed }: { status: SignUpStatus; elapsed: number }) {
  const { steps } = status;
  const at = currentStep(steps);
  return (
    <>
      <div className="mt-8 mb-5 grid gap-3 sm:mt-12 sm:mb-7">
        <Track height={14} label={t`Step ${at} of ${steps.length}`} segments={stepSegments(steps)} />
        <div className="flex justify-between t-sm text-text-2">
          <span aria-live="polite">
            <Trans>
              Step {at} of {steps.length}
            </Trans>
          </span>
          <span className="tabular-nums">{seconds(elapsed)}</span>
        </div>
      </div>
      <ol>
        {steps.map((step, index) => {
          const took = tookOf(steps, index);
          const waits = step.state === 'pending' || step.state === 'compensated';
          return (
            <li
              key={step.name}
              className={cx(
                'flex min-h-[60px] flex-wrap items-center gap-x-3.5 gap-y-0.5 border-t border-line py-3 sm:flex-nowrap sm:py-0',
                waits && 'text-text-3',
              )}
            >
              <StepMark state={step.state} />
              <span className="flex-1 font-medium sm:w-[264px] sm:flex-none">{step.label}</span>
              <span className={cx('order-5 basis-full ps-[38px] t-sm sm:order-none sm:min-w-0 sm:flex-1 sm:basis-auto sm:truncate sm:ps-0', waits ? 'text-text-3' : 'text-text-2')}>
                {detailOf(step, status)}
              </span>
              <span className="t-sm text-text-3 tabular-nums">{took === null ? '' : seconds(took)}</span>
            </li>
          );
        })}
      </ol>
    </>
  );
}

function StepMark({ state }: { state: SignUpStep['state'] }) {
  const words = {
    done: t`Done`,
    running: t`Running`,
    failed: t`Failed`,
    pending: t`Waiting`,
    compensated: t`Undone`,
  };
  return (
    <span
      className={cx(
        'grid size-6 flex-none place-items-center rounded-full',
        state === 'done' && 'bg-text text-canvas',
        state === 'running' && 'text-signal-text',
        state === 'failed' && 'bg-danger-solid text-danger-on',
        (state === 'pending' || state === 'compensated') && 'ring-[1.5px] ring-line-2 ring-inset',
      )}
    >
      {state === 'done' ? <Icon as={Check} size={12} /> : null}
      {state === 'failed' ? <Icon as={X} size={12} /> : null}
      {state === 'running' ? <Spinner className="size-5" /> : null}
      <span className="sr-only">{words[state]}</span>
    </span>
  );
}

function StepsSkeleton() {
  return (
    <div role="status" aria-busy="true" aria-label={t`Loading`} className="mt-8 grid gap-5 sm:mt-12">
      <Skeleton className="h-3.5 w-full rounded-full" />
      {[0, 1, 2, 3, 4].map((row) => (
        <Skeleton key={row} className="h-10 w-full" />
      ))}
    </div>
  );
}

function Failed({ detail }: { detail: string | null }) {
  return (
    <ErrorState
      title={<Trans>Your platform could not be made</Trans>}
      actions={
        <Link to="/sign-up/organization" onClick={forgetSignUp} className={buttonClass('primary', 'lg')}>
          <Trans>Start again</Trans>
        </Link>
      }
    >
      {detail ?? <Trans>Everything was undone and the address is free again. Nothing was charged and nothing was kept.</Trans>}
    </ErrorState>
  );
}

function Gone({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  if (!(error instanceof ApiError) || error.status !== 404) return <Failure error={error} onRetry={onRetry} />;
  return (
    <ErrorState
      condition="missing"
      title={<Trans>This sign-up has ended</Trans>}
      actions={
        <Link to="/sign-up/organization" onClick={forgetSignUp} className={buttonClass('primary', 'lg')}>
          <Trans>Start again</Trans>
        </Link>
      }
    >
      <Trans>It was not finished within 30 minutes. Nothing was kept.</Trans>
    </ErrorState>
  );
}
