import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import type { Revenue, RevenueMonth } from '@/api/staff';
import { count } from '@/features/staff-kit/age';
import { Section } from '@/features/staff-kit/page';
import { money } from '@/lib/money';
import { Table, Td, Th, Tr } from '@/ui/table';
import { KINDS, type Kind, kindWord, monthWord, movedBy, percent, told } from './model';

/** Opening, what moved, closing: a month a line, each movement a way to the facts behind it. */
export function MonthsTable({ revenue }: { revenue: Revenue }) {
  const { currency } = revenue;
  return (
    <Section title={<Trans>Month by month</Trans>} className="min-w-0">
      <Table label={t`Revenue month by month in ${currency.toUpperCase()}`}>
        <thead>
          <tr>
            <Th>
              <Trans>Month</Trans>
            </Th>
            <Th numeric>
              <Trans>Opening</Trans>
            </Th>
            {KINDS.map((kind) => (
              <Th key={kind} numeric>
                {kindWord(kind)}
              </Th>
            ))}
            <Th numeric>
              <Trans>Closing</Trans>
            </Th>
            <Th numeric>
              <Trans>Customers</Trans>
            </Th>
            <Th numeric>
              <Trans>Churn</Trans>
            </Th>
            <Th numeric>
              <Trans>Overage</Trans>
            </Th>
            <Th numeric className="pe-0!">
              <Trans>Paid</Trans>
            </Th>
          </tr>
        </thead>
        <tbody>
          {told(revenue).map((month) => (
            <Tr key={month.month}>
              <Td className="whitespace-nowrap">{monthWord(month.month)}</Td>
              <Td numeric>{money(month.opening_minor, currency)}</Td>
              {KINDS.map((kind) => (
                <Td key={kind} numeric>
                  <Moved month={month} kind={kind} currency={currency} />
                </Td>
              ))}
              <Td numeric className="font-semibold">
                {money(month.closing_minor, currency)}
              </Td>
              <Td numeric>{count(month.customers_closing)}</Td>
              <Td numeric className="whitespace-nowrap">
                {percent(month.revenue_churn)}
              </Td>
              <Td numeric>{month.overage_minor === 0 ? <Nothing /> : money(month.overage_minor, currency)}</Td>
              <Td numeric className="pe-0!">
                {money(month.paid_minor - month.refunded_minor, currency)}
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}

const Nothing = () => <span className="text-text-3">–</span>;

function Moved({ month, kind, currency }: { month: RevenueMonth; kind: Kind; currency: string }) {
  const minor = movedBy(month, kind);
  if (minor === 0) return <Nothing />;
  return (
    <Link
      to="/finance/movements"
      search={{ month: month.month, currency, kind }}
      aria-label={t`${kindWord(kind)} in ${monthWord(month.month)}: ${money(minor, currency)}`}
      className={`rounded-1 whitespace-nowrap hover:underline pointer-coarse:py-2 ${minor < 0 ? 'text-danger-text' : ''}`}
    >
      {minor > 0 ? '+' : ''}
      {money(minor, currency)}
    </Link>
  );
}
