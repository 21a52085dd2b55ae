import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Failure } from '@/app/boundaries';
import { boot } from '@/lib/boot';
import { money } from '@/lib/money';
import { day } from '@/lib/time';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { Skeleton } from '@/ui/skeleton';
import { Status } from '@/ui/status';
import { Table, Td, Th, Tr } from '@/ui/table';
import { invoicesQuery } from './api';
import type { Invoice } from './model';
import { invoiceStatus } from './words';

/** Every invoice, newest first: what it was for, the tax on it, and where it can be seen and paid. */
export function InvoicesSection() {
  const found = useInfiniteQuery(invoicesQuery);
  return (
    <section aria-labelledby="invoices">
      <h2 id="invoices" className="t-h4">
        <Trans>Invoices</Trans>
      </h2>
      {found.isPending ? (
        <div role="status" aria-busy="true" aria-label={t`Loading`} className="mt-4 grid gap-4">
          {[0, 1, 2].map((row) => (
            <Skeleton key={row} className="h-5 w-full" />
          ))}
        </div>
      ) : found.isError ? (
        <Failure compact error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <Rows invoices={found.data.pages.flatMap((page) => page.items)} />
      )}
      {found.hasNextPage ? (
        <Button className="mt-4" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          {found.isFetchingNextPage ? <Trans>Loading</Trans> : <Trans>Show more</Trans>}
        </Button>
      ) : null}
    </section>
  );
}

function Rows({ invoices }: { invoices: readonly Invoice[] }) {
  if (invoices.length === 0) {
    return (
      <p className="mt-1.5 text-text-2">
        <Trans>None yet. The first one comes with the first payment, and stays here.</Trans>
      </p>
    );
  }
  return (
    <Table label={t`Every invoice, newest first`} className="mt-3">
      <thead>
        <tr>
          <Th>
            <Trans>Invoice</Trans>
          </Th>
          <Th className="max-sm:hidden">
            <Trans>Date</Trans>
          </Th>
          <Th>
            <Trans>State</Trans>
          </Th>
          <Th numeric className="max-sm:hidden">
            <Trans>Tax</Trans>
          </Th>
          <Th numeric>
            <Trans>Total</Trans>
          </Th>
          <Th className="pe-0!">
            <span className="sr-only">
              <Trans>Documents</Trans>
            </span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {invoices.map((invoice) => (
          <Row key={invoice.stripe_id} invoice={invoice} />
        ))}
      </tbody>
    </Table>
  );
}

function Row({ invoice }: { invoice: Invoice }) {
  // The provider's instant where it is ahead of ours, as a sandbox's is.
  const { tone, word } = invoiceStatus(invoice, Math.max(Date.now(), Date.parse(boot().billing?.now ?? '') || 0));
  const number = invoice.number || t`without a number yet`;
  const due = invoice.status === 'open' && invoice.due_at;
  const tax = invoice.reverse_charge ? (
    <Badge>
      <Trans>Reverse charge</Trans>
    </Badge>
  ) : (
    money(invoice.tax_minor, invoice.currency)
  );
  return (
    <Tr>
      <Td className="whitespace-nowrap">
        <span className="mono">{number}</span>
        <span className="block t-xs text-text-3 sm:hidden">{day(invoice.issued_at)}</span>
      </Td>
      <Td className="whitespace-nowrap max-sm:hidden">{day(invoice.issued_at)}</Td>
      <Td>
        <Status tone={tone}>{word}</Status>
        {due ? (
          <span className="block t-xs text-text-3 sm:whitespace-nowrap">
            <Trans>due on {day(due)}</Trans>
          </span>
        ) : null}
        {invoice.refunded_minor > 0 ? <span className="block t-xs text-text-3">{money(invoice.refunded_minor, invoice.currency)}</span> : null}
      </Td>
      <Td numeric className="whitespace-nowrap max-sm:hidden">
        {tax}
      </Td>
      <Td numeric className="whitespace-nowrap">
        <span className="font-medium">{money(invoice.total_minor, invoice.currency)}</span>
        <span className="block t-xs text-text-3 sm:hidden">{invoice.reverse_charge ? tax : invoice.tax_minor > 0 ? <Trans>{tax} tax</Trans> : null}</span>
      </Td>
      <Td className="pe-0! text-end whitespace-nowrap">
        {invoice.hosted_url ? (
          <a href={invoice.hosted_url} target="_blank" rel="noreferrer" className="link pointer-coarse:py-3">
            {invoice.status === 'open' ? <Trans>Pay</Trans> : <Trans>View</Trans>}
            <span className="sr-only"> {number}</span>
          </a>
        ) : null}
        {invoice.pdf_url ? (
          <a href={invoice.pdf_url} target="_blank" rel="noreferrer" className="link pointer-coarse:py-3 max-sm:mt-1 max-sm:block sm:ms-4">
            PDF<span className="sr-only"> {number}</span>
          </a>
        ) : null}
      </Td>
    </Tr>
  );
}
