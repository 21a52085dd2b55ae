import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { Download, Scale } from 'lucide-react';
import type { Comparison, ComparisonLine } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { moment } from '@/features/staff-kit/age';
import { Section, StaffPage } from '@/features/staff-kit/page';
import { PageSkeleton } from '@/features/staff-kit/page-skeleton';
import { sentence } from '@/features/staff-kit/problem';
import { useCan } from '@/lib/permissions';
import { money } from '@/lib/money';
import { Button, buttonClass } from '@/ui/button';
import { Icon } from '@/ui/icon';
import { Notice } from '@/ui/notice';
import { Status } from '@/ui/status';
import { Table, Td, Th, Tr } from '@/ui/table';
import { toast } from '@/ui/toast';
import { askComparison, comparisonQuery, comparisonsQuery, differencesCsv, financeKeys } from './api';
import { Differences } from './differences';
import { comparisonTone, comparisonWord, isPending, monthWord } from './model';

/** Whether the ledger, our own rows and Stripe's objects say the same, to the cent. */
export function ComparisonsPage() {
  usePageTitle(t`Comparisons`);
  const client = useQueryClient();
  const mayAsk = useCan('finance.act');
  const { show } = useSearch({ strict: false }) as { show?: string };
  const list = useQuery(comparisonsQuery);
  const lines = list.data?.items ?? [];
  const ask = useMutation({
    mutationFn: askComparison,
    onSuccess: () => client.invalidateQueries({ queryKey: financeKeys.all }),
    onError: (error) => toast(sentence(error)),
  });
  const shown = lines.find((line) => line.id === show) ?? lines[0];
  return (
    <StaffPage
      title={<Trans>Comparisons</Trans>}
      aside={<Trans>once a day, and when somebody asks</Trans>}
      actions={
        mayAsk ? (
          <Button icon={<Icon as={Scale} size={14} />} loading={ask.isPending || lines.some(isPending)} onClick={() => ask.mutate()}>
            {lines.some(isPending) ? <Trans>Comparing</Trans> : <Trans>Compare now</Trans>}
          </Button>
        ) : null
      }
    >
      {list.isPending ? (
        <PageSkeleton />
      ) : list.isError ? (
        <Failure compact error={list.error} onRetry={() => void list.refetch()} />
      ) : shown ? (
        <div className="grid gap-x-10 gap-y-8 lg:grid-cols-[minmax(0,1fr)_260px]">
          <One line={shown} />
          <Past lines={lines} shown={shown.id} />
        </div>
      ) : (
        <p className="border-t border-line pt-2 text-text-3">
          <Trans>The books were not compared yet.</Trans>
        </p>
      )}
    </StaffPage>
  );
}

function One({ line }: { line: ComparisonLine }) {
  const found = useQuery(comparisonQuery(line.id));
  if (found.isPending) return <PageSkeleton />;
  if (found.isError) return <Failure compact error={found.error} onRetry={() => void found.refetch()} />;
  return <Shown found={found.data} />;
}

function Shown({ found }: { found: Comparison }) {
  if (found.state !== 'done') {
    return found.state === 'failed' ? (
      <Notice tone="danger" title={t`This comparison failed.`} className="self-start">
        {found.note}
      </Notice>
    ) : (
      <p role="status" className="border-t border-line pt-2">
        <Status tone="running">{comparisonWord(found)}</Status>
      </p>
    );
  }
  return (
    <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] content-start gap-8">
      {found.items.length === 0 ? (
        <Notice tone={found.with_stripe ? 'success' : 'neutral'} title={found.with_stripe ? t`The ledger, our rows and Stripe agree to the cent.` : t`The ledger and our rows agree to the cent.`}>
          {found.note}
        </Notice>
      ) : (
        <>
          {found.note ? <Notice tone="neutral">{found.note}</Notice> : null}
          <Section
            title={<Trans>What does not agree</Trans>}
            aside={
              <a download className={buttonClass('ghost', 'sm', 'pointer-coarse:h-11')} href={differencesCsv(found.id)}>
                <Icon as={Download} size={14} />
                CSV
              </a>
            }
          >
            <Differences items={found.items} />
          </Section>
        </>
      )}
      <Sums
        title={t`Monthly recurring revenue`}
        rows={found.mrr.map((row) => ({ key: row.currency, name: row.currency.toUpperCase(), currency: row.currency, figures: [row.ledger, row.rows, row.stripe] }))}
        heads={[t`Ledger`, t`Subscriptions`, 'Stripe']}
      />
      <Sums
        title={t`Paid invoices`}
        rows={found.paid.toReversed().map((row) => ({
          key: `${row.month} ${row.currency}`,
          name: `${monthWord(row.month)}, ${row.currency.toUpperCase()}`,
          currency: row.currency,
          figures: [row.rows, row.stripe],
        }))}
        heads={[t`Our invoices`, 'Stripe']}
      />
    </div>
  );
}

interface Sum {
  key: string;
  name: string;
  currency: string;
  figures: (number | null)[];
}

function Sums({ title, rows, heads }: { title: string; rows: readonly Sum[]; heads: readonly string[] }) {
  return (
    <Section title={title}>
      {rows.length === 0 ? (
        <p className="border-t border-line pt-2 text-text-3">
          <Trans>There was nothing at that time.</Trans>
        </p>
      ) : (
        <Table label={title}>
          <thead>
            <tr>
              <Th>{rows[0]?.name.includes(',') ? <Trans>Month</Trans> : <Trans>Currency</Trans>}</Th>
              {heads.map((head) => (
                <Th key={head} numeric className="last:pe-0!">
                  {head}
                </Th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Tr key={row.key}>
                <Td className="whitespace-nowrap">{row.name}</Td>
                {row.figures.map((figure, index) => (
                  <Td key={heads[index]} numeric className={`last:pe-0! ${figure !== null && figure !== row.figures[0] ? 'font-semibold text-danger-text' : ''}`}>
                    {figure === null ? <span className="text-text-3">{t`not asked`}</span> : money(figure, row.currency)}
                  </Td>
                ))}
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
    </Section>
  );
}

function Past({ lines, shown }: { lines: readonly ComparisonLine[]; shown: string }) {
  return (
    <Section title={<Trans>Past comparisons</Trans>} className="min-w-0">
      <ul aria-label={t`Past comparisons`}>
        {lines.map((line) => (
          <li key={line.id} className="border-t border-line">
            <Link
              to="/finance/comparisons"
              search={{ show: line.id }}
              replace
              aria-current={line.id === shown ? 'true' : undefined}
              className="grid gap-0.5 rounded-1 py-2 hover:bg-hover aria-[current=true]:font-semibold pointer-coarse:min-h-11"
            >
              <span>{moment(line.at)}</span>
              <Status tone={comparisonTone(line)} className="font-normal text-text-2">
                {comparisonWord(line)}
              </Status>
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}
