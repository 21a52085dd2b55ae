import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import type { Cohort, Finance, Owed, Revenue } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { count, moment } from '@/features/staff-kit/age';
import { BadNote, Figure, Figures } from '@/features/staff-kit/figures';
import { OrganizationLink } from '@/features/staff-kit/organization-link';
import { Section, StaffPage } from '@/features/staff-kit/page';
import { PageSkeleton } from '@/features/staff-kit/page-skeleton';
import { spaced } from '@/features/staff-kit/words';
import { money } from '@/lib/money';
import { day } from '@/lib/time';
import { buttonClass } from '@/ui/button';
import { Columns } from '@/ui/charts/columns';
import { Icon } from '@/ui/icon';
import { Segmented } from '@/ui/segmented';
import { Status } from '@/ui/status';
import { Table, Td, Th, Tr } from '@/ui/table';
import { financeQuery, monthsCsv } from './api';
import { chosen, comparisonTone, comparisonWord, conversion, monthWord, net, percent } from './model';
import { MonthsTable } from './months-table';

/** What the platform earns, where it comes from and where it goes. */
export function FinancePage() {
  usePageTitle(t`Revenue`);
  const found = useQuery(financeQuery);
  const search = useSearch({ strict: false }) as { currency?: string };
  const navigate = useNavigate();
  const currencies = found.data?.currencies ?? [];
  const shown = chosen(currencies, search.currency);
  return (
    <StaffPage
      title={<Trans>Revenue</Trans>}
      filters={
        shown && currencies.length > 1 ? (
          <Segmented
            label={t`Currency`}
            value={shown.currency}
            onChange={(currency) => void navigate({ to: '/finance', search: { currency }, replace: true })}
            options={currencies.map(({ currency }) => ({ value: currency, label: currency.toUpperCase() }))}
          />
        ) : null
      }
      actions={
        <a download className={buttonClass('secondary', 'md', 'pointer-coarse:h-11')} href={monthsCsv}>
          <Icon as={Download} size={14} />
          CSV
        </a>
      }
    >
      {found.isPending ? <PageSkeleton /> : found.isError ? <Failure compact error={found.error} onRetry={() => void found.refetch()} /> : <Found finance={found.data} shown={shown} />}
    </StaffPage>
  );
}

function Found({ finance, shown }: { finance: Finance; shown: Revenue | undefined }) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
      {shown ? <Numbers finance={finance} shown={shown} /> : null}
      {shown ? (
        <>
          <Growth shown={shown} />
          <MonthsTable revenue={shown} />
        </>
      ) : (
        <p className="border-t border-line pt-2 text-text-3">
          <Trans>Nobody has paid for anything yet. Revenue is told from the first payment on.</Trans>
        </p>
      )}
      <div className="grid gap-x-10 gap-y-8 lg:grid-cols-2">
        <Cohorts cohorts={finance.cohorts} />
        <Owing owed={finance.owed} />
      </div>
    </div>
  );
}

function Numbers({ finance, shown }: { finance: Finance; shown: Revenue }) {
  const month = shown.months.at(-1);
  const open = finance.unpaid.find((line) => line.currency === shown.currency);
  const others = finance.currencies.filter((one) => one.currency !== shown.currency && one.mrr_minor > 0);
  const last = finance.reconciliation;
  if (!month) return null;
  const moved = net(month);
  return (
    <div>
      <Figures>
        <Figure
          name={<Trans>Monthly recurring revenue</Trans>}
          value={money(shown.mrr_minor, shown.currency)}
          note={moved === 0 ? t`as at the month’s beginning` : moved > 0 ? t`${money(moved, shown.currency)} more this month` : <BadNote>{t`${money(-moved, shown.currency)} less this month`}</BadNote>}
        />
        <Figure name={<Trans>Customers</Trans>} value={count(shown.customers)} note={t`in ${shown.currency.toUpperCase()}`} />
        <Figure name={<Trans>Churn this month</Trans>} value={percent(month.revenue_churn)} note={month.revenue_churn === null ? t`nobody paid when it began` : t`of revenue, ${percent(month.logo_churn)} of customers`} />
        <Figure name={<Trans>Trial to paid</Trans>} value={percent(conversion(finance.cohorts))} note={t`of trials that are over`} />
        <Figure
          name={<Trans>Unpaid</Trans>}
          value={money(open?.minor ?? 0, shown.currency)}
          note={open && open.invoices > 0 ? <BadNote>{plural(open.invoices, { one: '# invoice', other: '# invoices' })}</BadNote> : t`no invoice`}
        />
      </Figures>
      <p className="flex flex-wrap items-baseline gap-x-4 gap-y-1 pt-2.5 text-text-2">
        {others.length > 0 ? <span>{t`Besides: ${others.map((one) => money(one.mrr_minor, one.currency)).join(', ')} a month. Currencies are never added up.`}</span> : null}
        {last ? (
          <Link to="/finance/comparisons" className="ms-auto rounded-1 hover:text-text hover:underline pointer-coarse:py-2">
            <Status tone={comparisonTone(last)} className="whitespace-normal!">{t`${comparisonWord(last)}, ${moment(last.at)}`}</Status>
          </Link>
        ) : null}
      </p>
    </div>
  );
}

function Growth({ shown }: { shown: Revenue }) {
  const first = shown.months[0];
  const last = shown.months.at(-1);
  if (!first || !last) return null;
  return (
    <Section title={<Trans>Closing of each month</Trans>}>
      <div className="pt-5">
        <Columns
          label={t`Monthly recurring revenue: ${money(first.closing_minor, shown.currency)} at the end of ${monthWord(first.month)}, ${money(last.closing_minor, shown.currency)} in ${monthWord(last.month)}`}
          values={shown.months.map((month) => ({ key: month.month, value: month.closing_minor, label: `${monthWord(month.month)}: ${money(month.closing_minor, shown.currency)}` }))}
          figure={(value) => money(value, shown.currency)}
          from={monthWord(first.month)}
          to={monthWord(last.month)}
        />
      </div>
    </Section>
  );
}

function Cohorts({ cohorts }: { cohorts: readonly Cohort[] }) {
  return (
    <Section title={<Trans>Trials by the month they began</Trans>} className="min-w-0">
      {cohorts.length === 0 ? (
        <p className="border-t border-line pt-2 text-text-3">
          <Trans>No trial has begun.</Trans>
        </p>
      ) : (
        <Table label={t`Trials by the month they began`}>
          <thead>
            <tr>
              <Th>
                <Trans>Month</Trans>
              </Th>
              <Th numeric>
                <Trans>Began</Trans>
              </Th>
              <Th numeric>
                <Trans>Paid</Trans>
              </Th>
              <Th numeric>
                <Trans>Trying</Trans>
              </Th>
              <Th numeric>
                <Trans>Given</Trans>
              </Th>
              <Th numeric>
                <Trans>Lapsed</Trans>
              </Th>
              <Th numeric className="pe-0!">
                <Trans>Paid so far</Trans>
              </Th>
            </tr>
          </thead>
          <tbody>
            {cohorts.map((line) => (
              <Tr key={line.month}>
                <Td className="whitespace-nowrap">{monthWord(line.month)}</Td>
                <Td numeric>{count(line.started)}</Td>
                <Td numeric>{count(line.converted)}</Td>
                <Td numeric>{count(line.still_trying)}</Td>
                <Td numeric>{count(line.given)}</Td>
                <Td numeric>{count(line.lapsed)}</Td>
                <Td numeric className="pe-0!">
                  <span className="whitespace-nowrap">{percent(line.conversion)}</span>
                  {line.median_days === null ? null : <span className="block t-xxs text-text-3">{plural(line.median_days, { one: 'half within # day', other: 'half within # days' })}</span>}
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
    </Section>
  );
}

/** An invoice that was sent is owed by nobody before its day. */
const isOverdue = ({ state, due_at }: Owed) => due_at === null || state === 'past_due' || state === 'read_only' || Date.parse(due_at) < Date.now();

function Owing({ owed }: { owed: readonly Owed[] }) {
  return (
    <Section title={<Trans>Who owes</Trans>} className="min-w-0">
      {owed.length === 0 ? (
        <p className="border-t border-line pt-2 text-text-3">
          <Trans>Every invoice is paid.</Trans>
        </p>
      ) : (
        <ul aria-label={t`Who owes`}>
          {owed.map((line) => (
            <li key={`${line.organization_id} ${line.currency}`} className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-0.5 border-t border-line py-2">
              <span className="min-w-0">
                <OrganizationLink id={line.organization_id} name={line.organization_name} />
                <span className="block text-text-3">
                  {spaced(line.state || 'none')}
                  {isOverdue(line) ? t`, open since ${day(line.oldest_at)}` : t`, sent on ${day(line.oldest_at)}, due on ${day(line.due_at ?? line.oldest_at)}`}
                </span>
              </span>
              <span className="text-end tabular-nums">
                <span className={isOverdue(line) ? 'font-medium text-danger-text' : 'font-medium'}>{money(line.minor, line.currency)}</span>
                <span className="block text-text-3">{plural(line.invoices, { one: '# invoice', other: '# invoices' })}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
