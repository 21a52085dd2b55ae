import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ExternalLink, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import type { BillingPanel as Panel, PanelFeature } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { moment } from '@/features/staff-kit/age';
import { Fact, Facts } from '@/features/staff-kit/facts';
import { Section } from '@/features/staff-kit/page';
import { sentence } from '@/features/staff-kit/problem';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { spaced } from '@/features/staff-kit/words';
import { money } from '@/lib/money';
import { useCan } from '@/lib/permissions';
import { day } from '@/lib/time';
import { Button } from '@/ui/button';
import { Icon } from '@/ui/icon';
import { Notice } from '@/ui/notice';
import { Status } from '@/ui/status';
import { Table, Td, Th, Tr } from '@/ui/table';
import { toast } from '@/ui/toast';
import { billingKeys, billingQuery, readAgain } from './api';
import { type Act, BillingDialog } from './dialogs';
import { acts, featureWord, standingTone, standingWord } from './model';

/** One organization's money: what it has, what it paid, what it was given, and what finance may give. */
export function BillingPanel({ organization }: { organization: string }) {
  const found = useQuery(billingQuery(organization));
  if (found.isPending) return <RowsSkeleton rows={8} />;
  if (found.isError) return <Failure compact error={found.error} onRetry={() => void found.refetch()} />;
  return <Shown organization={organization} panel={found.data} />;
}

function Shown({ organization, panel }: { organization: string; panel: Panel }) {
  const client = useQueryClient();
  const may = useCan('finance.act');
  const [act, setAct] = useState<Act | null>(null);
  const allowed = acts(panel);
  const read = useMutation({
    mutationFn: () => readAgain(organization),
    onSuccess: (answer) => {
      client.setQueryData(billingKeys.one(organization), answer);
      toast(t`Read again`);
    },
    onError: (error) => toast(sentence(error)),
  });
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-7 pt-3">
      {panel.is_booked ? null : (
        <Notice tone="warning" title={t`The ledger does not say what the subscription brings.`} className="rounded-2! py-2.5!">
          <Trans>Read it again: the difference is booked as of today.</Trans>
        </Notice>
      )}
      {panel.open_intents > 0 ? (
        <Notice tone="info" className="rounded-2! py-2.5!" title={plural(panel.open_intents, { one: '# call to Stripe is not answered yet.', other: '# calls to Stripe are not answered yet.' })}>
          <Trans>They are repeated by themselves, and done once.</Trans>
        </Notice>
      ) : null}
      <Subscription panel={panel} />
      {may ? (
        <div role="group" aria-label={t`What finance may do`} className="flex flex-wrap gap-2">
          {allowed.plan ? <Button onClick={() => setAct({ what: 'plan' })}>{t`Give a plan…`}</Button> : null}
          {allowed.trial ? <Button onClick={() => setAct({ what: 'trial' })}>{t`Move the end…`}</Button> : null}
          {allowed.credit ? <Button onClick={() => setAct({ what: 'credit' })}>{t`Give credit…`}</Button> : null}
          {allowed.version ? <Button onClick={() => setAct({ what: 'version' })}>{t`Offer the newest version…`}</Button> : null}
          <Button variant="ghost" icon={<Icon as={RefreshCw} size={14} />} loading={read.isPending} onClick={() => read.mutate()}>
            {read.isPending ? <Trans>Reading</Trans> : <Trans>Read again</Trans>}
          </Button>
        </div>
      ) : null}
      <Features panel={panel} onGrant={may ? (line) => setAct({ what: 'feature', line }) : undefined} onRevoke={may ? (line) => setAct({ what: 'revoke', line }) : undefined} />
      <Invoices panel={panel} />
      <Credits panel={panel} />
      {act ? <BillingDialog organization={organization} panel={panel} act={act} onClose={() => setAct(null)} /> : null}
    </div>
  );
}

function Subscription({ panel }: { panel: Panel }) {
  const has = panel.subscription;
  return (
    <Section title={<Trans>Subscription</Trans>} aside={<StripePage panel={panel} />}>
      <Facts>
        {has ? (
          <>
            <Fact name={<Trans>State</Trans>}>
              <Status tone={standingTone(has.state)} className="whitespace-normal!">
                {standingWord(has)}
              </Status>
            </Fact>
            <Fact name={<Trans>Plan</Trans>}>
              {t`${has.plan_name} v${has.version}`}
              {has.newest_version !== null && has.newest_version > has.version ? <span className="text-text-3">{t`, v${has.newest_version} is sold now`}</span> : null}
            </Fact>
            <Fact name={<Trans>Seats</Trans>}>
              {t`${has.seats_used} of ${has.seats} used`}
              {has.seats_kept !== null && has.kept_until ? <span className="block text-text-3">{t`${has.seats_kept} until ${day(has.kept_until)}`}</span> : null}
            </Fact>
            <Fact name={<Trans>A month brings</Trans>}>{money(has.counted_minor, has.currency)}</Fact>
            {has.trial_end_at && has.state === 'trialing' ? <Fact name={has.is_comp ? <Trans>Given until</Trans> : <Trans>Trial ends</Trans>}>{day(has.trial_end_at)}</Fact> : null}
            {has.is_at_stripe && has.period_end && has.state !== 'canceled' ? (
              <Fact name={<Trans>Next invoice</Trans>}>{t`${money(has.recurring_minor, has.currency)} and use, on ${day(has.period_end)}`}</Fact>
            ) : null}
            {has.past_due_since_at ? <Fact name={<Trans>Past due since</Trans>}>{day(has.past_due_since_at)}</Fact> : null}
            {has.read_only_at ? <Fact name={<Trans>Read-only from</Trans>}>{day(has.read_only_at)}</Fact> : null}
            {has.cancel_at ? <Fact name={<Trans>Ends</Trans>}>{day(has.cancel_at)}</Fact> : null}
          </>
        ) : (
          <Fact name={<Trans>State</Trans>}>
            <Trans>None</Trans>
          </Fact>
        )}
        <Fact name={<Trans>Pays by</Trans>}>{panel.collection === 'invoice' ? t`Invoice` : panel.payment_method ? <span className="inline-block first-letter:uppercase">{panel.payment_method}</span> : t`No card yet`}</Fact>
        {panel.customer ? (
          <Fact name={<Trans>Customer</Trans>}>
            <span className="mono">{panel.customer}</span>
          </Fact>
        ) : null}
        {panel.ahead_seconds > 0 ? <Fact name={<Trans>Its clock</Trans>}>{plural(Math.round(panel.ahead_seconds / 86_400), { one: '# day ahead of ours', other: '# days ahead of ours' })}</Fact> : null}
      </Facts>
    </Section>
  );
}

function StripePage({ panel }: { panel: Panel }) {
  if (!panel.is_configured) return <span className="text-text-3">{t`No keys of Stripe are set`}</span>;
  if (!panel.customer_page) return null;
  return (
    <a href={panel.customer_page} target="_blank" rel="noreferrer" className="link inline-flex items-center gap-1 pointer-coarse:min-h-11">
      <Trans>At Stripe, refunds too</Trans>
      <Icon as={ExternalLink} size={12} />
    </a>
  );
}

function Features({ panel, onGrant, onRevoke }: { panel: Panel; onGrant?: ((line: PanelFeature) => void) | undefined; onRevoke?: ((line: PanelFeature) => void) | undefined }) {
  return (
    <Section title={<Trans>What it has</Trans>}>
      <ul aria-label={t`Features`}>
        {panel.features.map((line) => (
          <li key={line.feature} className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-0.5 border-t border-line py-1.5">
            <span className="min-w-0">
              {line.name}
              {line.source === 'override' ? (
                <span className="block text-text-3">
                  {line.expires_at ? t`Granted until ${day(line.expires_at)}: ` : t`Granted: `}
                  <bdi>{line.note}</bdi>
                </span>
              ) : null}
            </span>
            <span className="ms-auto flex items-baseline gap-3 tabular-nums">
              <span>{featureWord(line)}</span>
              {onRevoke && line.source === 'override' ? (
                <button type="button" className="link pointer-coarse:min-h-11" aria-label={t`Take back ${line.name}`} onClick={() => onRevoke(line)}>
                  <Trans>Take back</Trans>
                </button>
              ) : null}
              {onGrant ? (
                <button type="button" className="link pointer-coarse:min-h-11" aria-label={t`Grant ${line.name}`} onClick={() => onGrant(line)}>
                  <Trans>Grant</Trans>
                </button>
              ) : null}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Invoices({ panel }: { panel: Panel }) {
  return (
    <Section title={<Trans>Invoices</Trans>}>
      {panel.invoices.length === 0 ? (
        <p className="border-t border-line pt-2 text-text-3">
          <Trans>None yet.</Trans>
        </p>
      ) : (
        <Table label={t`Invoices`}>
          <thead>
            <tr>
              <Th>
                <Trans>Number</Trans>
              </Th>
              <Th className="max-sm:hidden">
                <Trans>Issued</Trans>
              </Th>
              <Th>
                <Trans>Status</Trans>
              </Th>
              <Th numeric className="pe-0!">
                <Trans>Total</Trans>
              </Th>
            </tr>
          </thead>
          <tbody>
            {panel.invoices.map((row) => (
              <Tr key={row.stripe_id}>
                <Td>
                  {row.page ? (
                    <a href={row.page} target="_blank" rel="noreferrer" className="link">
                      {row.number || row.stripe_id}
                    </a>
                  ) : (
                    row.number || row.stripe_id
                  )}
                  {/* Where there is no room for the column: what is owed stays in sight. */}
                  <span className="block t-xxs text-text-3 sm:hidden">{day(row.issued_at)}</span>
                </Td>
                <Td className="whitespace-nowrap max-sm:hidden">{day(row.issued_at)}</Td>
                <Td>
                  <Status tone={row.status === 'paid' ? 'fine' : row.status === 'open' ? 'look' : 'off'}>{row.dispute ? t`${spaced(row.status)}, disputed` : spaced(row.status)}</Status>
                </Td>
                <Td numeric className="pe-0!">
                  {money(row.total_minor, row.currency)}
                  {row.refunded_minor > 0 ? <span className="block t-xxs text-text-3">{t`${money(row.refunded_minor, row.currency)} paid back`}</span> : null}
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
    </Section>
  );
}

function Credits({ panel }: { panel: Panel }) {
  if (panel.credits.length === 0) return null;
  return (
    <Section title={<Trans>Credit that was given</Trans>}>
      <ul aria-label={t`Credit that was given`}>
        {panel.credits.map((line) => (
          <li key={line.id} className="flex items-baseline justify-between gap-4 border-t border-line py-1.5">
            <span className="min-w-0">
              <bdi>{line.note}</bdi>
              <span className="block text-text-3">{moment(line.at)}</span>
            </span>
            <span className="text-end tabular-nums">
              {money(line.amount_minor, line.currency)}
              {line.state === 'done' ? null : <span className="block text-text-3">{line.state === 'open' ? t`not answered yet` : t`refused by Stripe`}</span>}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
