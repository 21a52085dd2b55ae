import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { money } from '@/lib/money';
import { day } from '@/lib/time';
import { Button } from '@/ui/button';
import { Notice } from '@/ui/notice';
import { Skeleton } from '@/ui/skeleton';
import type { Preview } from './model';
import { amountWithTax, sentence } from './words';

interface PreviewPanelProps {
  preview: Preview | undefined;
  error: unknown;
  onRetry: () => void;
  /** The numbers that were shown first had changed when they were agreed to. */
  stale: boolean;
  keptUntil: string | null;
}

/** What the change costs, line by line, before anybody agrees to it. The figures are Stripe's, not ours. */
export function PreviewPanel({ preview, error, onRetry, stale, keptUntil }: PreviewPanelProps) {
  if (error) {
    return (
      <Notice
        tone="warning"
        live
        title={<Trans>This change cannot be made like this.</Trans>}
        action={
          <Button size="sm" onClick={onRetry}>
            <Trans>Ask again</Trans>
          </Button>
        }
      >
        {sentence(error)}
      </Notice>
    );
  }
  if (!preview) {
    return (
      <div role="status" aria-busy="true" aria-label={t`The price is being asked for`} className="grid gap-2.5 rounded-3 bg-sunken p-4">
        <Skeleton className="h-4 w-3/4" />
        <Skeleton className="h-4 w-2/3" />
        <Skeleton className="h-5 w-1/2" />
      </div>
    );
  }
  const { currency, lines, due_now_minor, tax_minor, credit_minor, next, effective } = preview;
  return (
    <section aria-labelledby="preview" aria-live="polite" className="grid gap-3 rounded-3 bg-sunken p-4 ring-1 ring-line ring-inset">
      <h3 id="preview" className="t-h4">
        {effective === 'now' ? <Trans>From now on</Trans> : next ? <Trans>From {day(next.at)} on</Trans> : <Trans>From the renewal on</Trans>}
      </h3>
      {stale ? (
        <Notice tone="warning" live title={<Trans>The figures have changed since they were shown.</Trans>}>
          <Trans>Nothing was changed. These are the new ones.</Trans>
        </Notice>
      ) : null}
      {effective === 'renewal' ? (
        <p className="text-text-2">
          {keptUntil ? (
            <Trans>You keep what is paid for until {day(keptUntil)}. Nothing is charged now.</Trans>
          ) : (
            <Trans>You keep what is paid for until then. Nothing is charged now.</Trans>
          )}
        </p>
      ) : null}
      <dl className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-6 gap-y-1.5 [&_dd]:text-end [&_dd]:tabular-nums">
        {effective === 'now'
          ? lines.map((line, at) => (
              // Two lines may say the same; their order is what tells them apart.
              // oxlint-disable-next-line react/no-array-index-key
              <Line key={at} name={line.text} amount={money(line.amount_minor, currency)} />
            ))
          : null}
        {effective === 'now' && tax_minor !== 0 ? <Line name={t`Tax`} amount={money(tax_minor, currency)} /> : null}
        <dt className="border-t border-line-2 pt-2 font-semibold">{credit_minor > 0 ? <Trans>Credit to your next invoices</Trans> : <Trans>Due now</Trans>}</dt>
        <dd className="border-t border-line-2 pt-2 font-semibold">{money(credit_minor > 0 ? credit_minor : due_now_minor, currency)}</dd>
        {next ? <Line name={t`Next invoice, ${day(next.at)}`} amount={amountWithTax(next.total_minor, next.tax_minor, currency)} /> : null}
      </dl>
    </section>
  );
}

function Line({ name, amount }: { name: string; amount: string }) {
  return (
    <>
      <dt className="text-text-2">{name}</dt>
      <dd>{amount}</dd>
    </>
  );
}
