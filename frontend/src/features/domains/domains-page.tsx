import { t } from '@lingui/core/macro';
import { Plural, Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import type { Domains } from '@/api/types';
import { Failure, Forbidden } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { WayToMore } from '@/features/billing/way-up';
import { useCan } from '@/lib/permissions';
import { day } from '@/lib/time';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { Icon } from '@/ui/icon';
import { PageBody } from '@/ui/page';
import { Skeleton } from '@/ui/skeleton';
import { AddDomainDialog } from './add-dialog';
import { domainsQuery } from './api';
import { DomainCard } from './domain-card';
import { PrimaryDialog } from './domain-dialogs';
import { RenameDialog } from './rename-dialog';

/** Settings, Domains: the address, the domains of one's own, and what DNS must show for them. */
export function DomainsPage() {
  usePageTitle(t`Domains`);
  const may = useCan('domains.manage');
  const found = useQuery({ ...domainsQuery, enabled: may });
  return (
    <PageBody>
      {!may ? (
        <Forbidden compact />
      ) : found.data ? (
        <div className="grid max-w-[920px] gap-10">
          <Address address={found.data.address} />
          <Own domains={found.data} />
        </div>
      ) : found.isError ? (
        <Failure compact error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <PageSkeleton />
      )}
    </PageBody>
  );
}

function Address({ address }: { address: Domains['address'] }) {
  const [asking, setAsking] = useState<'rename' | 'primary' | null>(null);
  return (
    <section aria-labelledby="address">
      <h2 id="address" className="t-h4">
        <Trans>Your address</Trans>
      </h2>
      <div className="mt-3 flex flex-wrap items-center gap-x-3 gap-y-2">
        <bdi className="min-w-0 text-[18px] leading-7 font-medium wrap-anywhere">{address.url.replace(/^https?:\/\//, '')}</bdi>
        {address.is_primary ? (
          <Badge>
            <Trans>Primary</Trans>
          </Badge>
        ) : (
          <Badge>
            <Trans>Leads to your domain</Trans>
          </Badge>
        )}
        <span className="ms-auto flex flex-wrap gap-2 max-sm:ms-0 max-sm:w-full">
          {address.is_primary ? null : (
            <Button onClick={() => setAsking('primary')}>
              <Trans>Make it primary</Trans>
            </Button>
          )}
          <Button onClick={() => setAsking('rename')}>
            <Trans>Change address</Trans>
          </Button>
        </span>
      </div>
      {address.former.length > 0 ? (
        <ul className="mt-3 grid gap-1 t-sm text-text-2">
          {address.former.map((old) => (
            <li key={old.host} className="wrap-anywhere">
              <bdi className="font-medium">{old.host}</bdi>{' '}
              {old.state === 'redirecting' && old.redirect_until ? (
                <Trans>leads here until {day(old.redirect_until)}</Trans>
              ) : (
                <Trans>leads nowhere; only you can take it back</Trans>
              )}
            </li>
          ))}
        </ul>
      ) : null}
      {asking === 'rename' ? <RenameDialog address={address} open onClose={() => setAsking(null)} /> : null}
      <PrimaryDialog id={address.id} host={address.host} url={address.url} open={asking === 'primary'} onClose={() => setAsking(null)} />
    </section>
  );
}

function Own({ domains }: { domains: Domains }) {
  const [adding, setAdding] = useState(false);
  // Null is as many as one likes.
  const limit = domains.limit ?? Infinity;
  const full = domains.items.length >= limit;
  return (
    <section aria-labelledby="own-domains">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h2 id="own-domains" className="t-h4">
            <Trans>Domains of your own</Trans>
          </h2>
          <p className="mt-1 max-w-[560px] text-text-2">
            <Trans>Let people reach you at learn.example.com. The certificate is made by itself once the records are there.</Trans>
          </p>
          {full ? (
            <p className="mt-1 text-text-2">
              <WayToMore />
            </p>
          ) : null}
        </div>
        <Button
          variant="primary"
          icon={<Icon as={Plus} />}
          onClick={() => setAdding(true)}
          {...(full ? { disabledReason: <Plural value={limit} one="Your plan has room for one domain" other="Your plan has room for # domains" /> } : {})}
        >
          <Trans>Add a domain</Trans>
        </Button>
      </div>
      {domains.items.length > 0 ? (
        <ul className="mt-4 border-t border-line">
          {domains.items.map((row) => (
            <DomainCard key={row.id} row={row} />
          ))}
        </ul>
      ) : (
        <p className="mt-4 border-t border-line pt-4 text-text-3">
          <Trans>No domain yet. Your address works as it is.</Trans>
        </p>
      )}
      <AddDomainDialog open={adding} onClose={() => setAdding(false)} />
    </section>
  );
}

function PageSkeleton() {
  return (
    <div role="status" aria-busy="true" aria-label={t`Loading`} className="grid max-w-[920px] gap-4">
      <Skeleton className="h-6 w-40" />
      <Skeleton className="h-9 w-80 max-w-full" />
      <Skeleton className="mt-8 h-6 w-52" />
      {[0, 1].map((row) => (
        <Skeleton key={row} className="h-16 w-full" />
      ))}
    </div>
  );
}
