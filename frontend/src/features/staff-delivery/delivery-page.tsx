import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import type { Delivery } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { count } from '@/features/staff-kit/age';
import { BadNote, Figure, Figures } from '@/features/staff-kit/figures';
import { Section, StaffPage } from '@/features/staff-kit/page';
import { PageSkeleton } from '@/features/staff-kit/page-skeleton';
import { Empty } from '@/ui/empty';
import { Notice } from '@/ui/notice';
import { deliveryQuery } from './api';
import { Distributions, QuotaBar } from './distributions';
import { troubles } from './model';
import { DeliveryOrganizations } from './organizations';

/** CloudFront's distributions and quotas, whose films are where, and who is on the way from one to another. */
export function DeliveryPage() {
  usePageTitle(t`Delivery`);
  const found = useQuery(deliveryQuery);
  return (
    <StaffPage title={<Trans>Delivery of films</Trans>}>
      {found.isPending ? (
        <PageSkeleton />
      ) : found.isError ? (
        <Failure compact error={found.error} onRetry={() => void found.refetch()} />
      ) : found.data.edge === 'local' ? (
        <NotInUse organizations={found.data.organizations} />
      ) : (
        <Found found={found.data} />
      )}
    </StaffPage>
  );
}

function NotInUse({ organizations }: { organizations: number }) {
  return (
    <Empty title={<Trans>CloudFront is not in use here</Trans>}>
      <Trans>
        This installation delivers films by its own edge: <code className="mono wrap-anywhere">LMS_MEDIA_EDGE</code> is <code className="mono">local</code>. It has no distributions and no quotas, and {count(organizations)} of its organizations
        have a key group of their own all the same. With <code className="mono">cloudfront</code> this page shows distributions, and organizations can be moved between them.
      </Trans>
    </Empty>
  );
}

function Found({ found }: { found: Delivery }) {
  const said = troubles(found);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
      {said.length > 0 ? (
        <Notice tone="warning" className="rounded-2! py-2.5!" title={t`Somebody has to look.`}>
          {said.map((words) => (
            <span key={words} className="mt-1 block wrap-anywhere">
              {words}
            </span>
          ))}
        </Notice>
      ) : null}
      <Figures>
        <Figure name={<Trans>Organizations</Trans>} value={count(found.organizations)} note={found.without_place > 0 ? <BadNote>{t`${count(found.without_place)} without a place`}</BadNote> : t`all have a place`} />
        <Figure name={<Trans>Not delivered yet</Trans>} value={count(found.pending)} note={t`a new one takes minutes`} />
        <Figure name={<Trans>On the way</Trans>} value={count(found.moving)} note={t`three at once`} />
        <Figure name={<Trans>With a problem</Trans>} value={count(found.troubled)} note={found.troubled > 0 ? <BadNote>{t`see below`}</BadNote> : t`none`} />
        <Figure name={<Trans>Distributions</Trans>} value={count(found.distributions.length)} note={t`${count(found.distributions.filter((one) => !one.is_deployed).length)} being deployed`} />
      </Figures>
      <div className="grid gap-x-10 gap-y-8 lg:grid-cols-[minmax(0,1fr)_300px]">
        <div className="min-w-0">
          {found.distributions.length > 0 ? (
            <Distributions distributions={found.distributions} />
          ) : (
            <Empty title={<Trans>No distribution is named</Trans>}>
              <Trans>
                Terraform makes them; <code className="mono wrap-anywhere">LMS_CLOUDFRONT_POOLS</code> and <code className="mono wrap-anywhere">LMS_CLOUDFRONT_TEMPLATE</code> name those that are this cell's.
              </Trans>
            </Empty>
          )}
        </div>
        <Section title={<Trans>Quotas of the account</Trans>}>
          {found.account.length > 0 ? (
            <ul className="grid gap-3 border-t border-line py-2.5">
              {found.account.map((quota) => (
                <li key={quota.name}>
                  <QuotaBar quota={quota} of={t`the account`} />
                </li>
              ))}
            </ul>
          ) : (
            <p className="border-t border-line pt-2 text-text-3">
              <Trans>Nobody has asked the account yet: the next look does, within a minute.</Trans>
            </p>
          )}
        </Section>
      </div>
      <DeliveryOrganizations edge={found} />
    </div>
  );
}
