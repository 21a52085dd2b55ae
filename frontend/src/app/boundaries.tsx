import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiError } from '@/api/errors';
import { boot } from '@/lib/boot';
import { worksInStudio } from '@/lib/permissions';
import { Button, buttonClass } from '@/ui/button';
import { ErrorState } from '@/ui/error-state';
import { Icon } from '@/ui/icon';
import { BrandMark } from '@/ui/brand-mark';
import { PageColumn } from '@/ui/page';
import { Skeleton } from '@/ui/skeleton';
import { usePageTitle } from './page-title';

/** A link to where this surface begins; out of the studio for whom it holds nothing. */
function HomeLink({ variant = 'primary' }: { variant?: 'primary' | 'ghost' }) {
  const studio = boot().surface === 'studio';
  const out = studio && !worksInStudio(boot().me);
  return (
    <a href={out ? '/home' : studio ? '/studio' : '/'} className={buttonClass(variant, 'lg')}>
      {out ? <Trans>To your courses</Trans> : studio ? <Trans>Back to the studio</Trans> : <Trans>To the front page</Trans>}
    </a>
  );
}

function reference(error: unknown) {
  const moment = new Date().toISOString().replace('T', ' ').slice(0, 16);
  const text =
    error instanceof ApiError
      ? [error.requestId, `${moment} UTC`, error.code].filter(Boolean).join(' · ')
      : [`${moment} UTC`, error instanceof Error ? error.message.slice(0, 120) : 'unknown'].join(' · ');
  return {
    intro: t`If it keeps happening, send this to your administrator:`,
    text,
    copyLabel: t`Copy details`,
    copiedLabel: t`Copied`,
  };
}

/** A failed query or a broken page, told by what kind of failure it was. */
export function Failure({ error, onRetry, compact = false }: { error: unknown; onRetry?: () => void; compact?: boolean }) {
  const retry = onRetry ? (
    <Button variant="primary" size={compact ? 'md' : 'lg'} icon={<Icon as={RotateCw} />} onClick={onRetry}>
      <Trans>Try again</Trans>
    </Button>
  ) : null;
  const level = compact ? 2 : 1;
  if (error instanceof ApiError && (error.code === 'offline' || error.code === 'network')) {
    return (
      <ErrorState compact={compact} headingLevel={level} condition="offline" title={<Trans>No connection</Trans>} actions={retry}>
        <Trans>This part needs the server, and it did not answer. What you did before is safe.</Trans>
      </ErrorState>
    );
  }
  if (error instanceof ApiError && (error.status === 429 || error.code === 'busy' || error.code === 'too_slow')) {
    return (
      <ErrorState compact={compact} headingLevel={level} condition="offline" title={<Trans>One moment, please</Trans>} actions={retry}>
        {error.detail}
      </ErrorState>
    );
  }
  if (error instanceof ApiError && error.status === 403) return <Forbidden compact={compact} />;
  if (error instanceof ApiError && error.status === 404) return <NotFound compact={compact} />;
  return (
    <ErrorState
      compact={compact}
      headingLevel={level}
      title={<Trans>This did not load</Trans>}
      actions={
        <>
          {retry}
          {compact ? null : <HomeLink variant="ghost" />}
        </>
      }
      reference={reference(error)}
    >
      <Trans>The fault is ours, not your connection. Nothing you saved is lost.</Trans>
    </ErrorState>
  );
}

/** The route's own boundary: the shell around it stays. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  usePageTitle(t`This did not load`);
  return (
    <PageColumn>
      <Failure
        error={error}
        onRetry={() => {
          reset();
          void router.invalidate();
        }}
      />
    </PageColumn>
  );
}

export function NotFound({ compact = false }: { compact?: boolean }) {
  return (
    <ErrorState
      compact={compact}
      headingLevel={compact ? 2 : 1}
      condition="missing"
      title={<Trans>Nothing at this address</Trans>}
      actions={compact ? null : <HomeLink />}
    >
      <Trans>It may have been moved or removed, or a letter of the address is missing.</Trans>
    </ErrorState>
  );
}

export function NotFoundPage() {
  usePageTitle(t`Nothing at this address`);
  return (
    <PageColumn>
      <NotFound />
    </PageColumn>
  );
}

/** At the root of a surface, where no shell stands around: brings its own landmark and mark. */
export function BareNotFound() {
  usePageTitle(t`Nothing at this address`);
  return (
    <Bare>
      <NotFound />
    </Bare>
  );
}

export function BareError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  usePageTitle(t`This did not load`);
  return (
    <Bare>
      <Failure
        error={error}
        onRetry={() => {
          reset();
          void router.invalidate();
        }}
      />
    </Bare>
  );
}

function Bare({ children }: { children: ReactNode }) {
  const { brand } = boot();
  return (
    <>
      <header className="mx-auto max-w-[1240px] px-4 pt-5 sm:px-8">
        <BrandMark name={brand.name} logo={brand.logo} nameClass="truncate font-heading text-[17px] leading-6 font-[620]" />
      </header>
      <main id="main" tabIndex={-1}>
        <PageColumn>{children}</PageColumn>
      </main>
    </>
  );
}

export function Forbidden({ compact = false }: { compact?: boolean }) {
  return (
    <ErrorState
      compact={compact}
      headingLevel={compact ? 2 : 1}
      condition="forbidden"
      title={<Trans>Your role does not reach this</Trans>}
      actions={compact ? null : <HomeLink />}
    >
      {boot().surface === 'staff' ? (
        <Trans>Somebody with the operations role can change what yours may do.</Trans>
      ) : (
        <Trans>An owner or admin of {boot().brand.name} can change what your role may do.</Trans>
      )}
    </ErrorState>
  );
}

export function ForbiddenPage() {
  usePageTitle(t`Your role does not reach this`);
  return (
    <PageColumn>
      <Forbidden />
    </PageColumn>
  );
}

/** While a route's code is on its way: the skeleton of a page, after 150 ms. */
export function Pending() {
  return (
    <PageColumn>
      <div aria-busy="true" aria-label={t`Loading`} role="status" className="flex max-w-[640px] flex-col gap-5">
        <Skeleton className="h-10 w-2/3" />
        <Skeleton className="h-5 w-full" />
        <Skeleton className="h-5 w-4/5" />
      </div>
    </PageColumn>
  );
}
