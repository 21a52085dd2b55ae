import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError } from '@/api/errors';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { AccountMenu } from '@/features/account/account-menu';
import { boot } from '@/lib/boot';
import { useCan } from '@/lib/permissions';
import { day } from '@/lib/time';
import { BrandMark } from '@/ui/brand-mark';
import { Button, buttonClass } from '@/ui/button';
import { Notice } from '@/ui/notice';
import { Skeleton } from '@/ui/skeleton';
import { cancelDeletion, deletionEffectsQuery, organizationQuery } from './api';
import { EffectsList } from './effects-list';

/** All that is left of the studio while the organization waits to be deleted: an owner calls that off, or exports. */
export function ClosingPage() {
  const { brand } = boot();
  const owner = useCan('organization.delete');
  usePageTitle(t`Closed`);
  return (
    <div className="flex min-h-dvh flex-col bg-canvas">
      <header className="flex min-h-16 items-center justify-between gap-4 px-4 md:px-8">
        <BrandMark name={brand.name} logo={brand.logo} size={28} nameClass="min-w-0 truncate font-semibold" />
        <AccountMenu side="bottom" />
      </header>
      <main id="main" tabIndex={-1} className="mx-auto grid w-full max-w-[680px] content-start gap-6 px-4 pt-8 pb-16 sm:pt-16">
        {owner ? <Owner name={brand.name} /> : <LockedOut name={brand.name} />}
      </main>
    </div>
  );
}

function Owner({ name }: { name: string }) {
  const client = useQueryClient();
  const seesBilling = useCan('billing.view');
  const organization = useQuery(organizationQuery);
  const effects = useQuery(deletionEffectsQuery);
  const send = useMutation({
    mutationFn: (token: string) => cancelDeletion(token),
    onSuccess: () => {
      window.location.assign('/studio');
    },
    onError: () => void client.invalidateQueries({ queryKey: deletionEffectsQuery.queryKey }),
  });
  if (organization.isError) return <Failure compact error={organization.error} onRetry={() => void organization.refetch()} />;
  const due = organization.data?.delete_after;
  return (
    <>
      <div className="grid gap-3">
        <h1 tabIndex={-1} className="t-h1 text-balance wrap-anywhere">
          {due ? <Trans>{name} will be deleted on {day(due)}</Trans> : <Skeleton className="h-10 w-4/5" />}
        </h1>
        <p className="max-w-[56ch] text-[17px] leading-7 text-text-2">
          {due ? (
            <Trans>
              Members are locked out and see a page that says so. Nothing is deleted yet: you have {daysUntil(due)} to call it off
              or to take everything along.
            </Trans>
          ) : (
            <Skeleton className="h-6 w-full" />
          )}
        </p>
      </div>
      {send.error ? (
        <Notice tone="danger" live title={<Trans>It was not called off.</Trans>}>
          {send.error instanceof ApiError ? send.error.detail : <Trans>The fault is ours. Try again in a moment.</Trans>}
        </Notice>
      ) : null}
      <div className="flex flex-col gap-2 sm:flex-row">
        <Button
          variant="primary"
          size="lg"
          loading={send.isPending}
          disabled={!effects.data}
          onClick={() => effects.data && send.mutate(effects.data.token)}
        >
          <Trans>Call the deletion off</Trans>
        </Button>
        <a href="/studio/settings/data" className={buttonClass('secondary', 'lg')}>
          <Trans>Export everything</Trans>
        </a>
        {seesBilling ? (
          <a href="/studio/settings/billing" className={buttonClass('secondary', 'lg')}>
            <Trans>Plan and invoices</Trans>
          </a>
        ) : null}
      </div>
      {effects.data ? (
        <section aria-labelledby="off" className="border-t border-line pt-6">
          <h2 id="off" className="mb-1.5 font-[560]">
            <Trans>What calling it off does</Trans>
          </h2>
          <EffectsList effects={effects.data.effects} />
        </section>
      ) : null}
    </>
  );
}

/** "29 days": what is left of the time in which it can be called off. */
function daysUntil(iso: string): string {
  const days = Math.max(0, Math.ceil((new Date(iso).getTime() - Date.now()) / 86_400_000));
  return plural(days, { one: '# day', other: '# days' });
}

function LockedOut({ name }: { name: string }) {
  return (
    <>
      <h1 tabIndex={-1} className="t-h1 text-balance wrap-anywhere">
        <Trans>{name} is closed</Trans>
      </h1>
      <p className="max-w-[56ch] text-[17px] leading-7 text-text-2">
        <Trans>It will be deleted soon. Only its owners can do anything here. Ask whoever runs your training for what you need of it.</Trans>
      </p>
    </>
  );
}
