import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { BillingPanel, PanelFeature } from '@/api/staff';
import { Problem } from '@/features/staff-kit/problem';
import { ReasonDialog } from '@/features/staff-kit/reason-dialog';
import { money } from '@/lib/money';
import { day } from '@/lib/time';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { Select } from '@/ui/select';
import { toast } from '@/ui/toast';
import { billingKeys, changeVersion, giveCredit, givePlan, grantFeature, moveTrial, previewVersion, revokeFeature } from './api';
import { days, endOf, minorOf, written } from './model';

export type Act = { what: 'plan' | 'trial' | 'credit' | 'version' } | { what: 'feature' | 'revoke'; line: PanelFeature };

interface DialogProps {
  organization: string;
  panel: BillingPanel;
  onClose: () => void;
}

/** What finance gives or takes back, each with a reason that the log keeps. */
export function BillingDialog({ act, ...props }: DialogProps & { act: Act }) {
  switch (act.what) {
    case 'plan':
      return <PlanDialog {...props} />;
    case 'trial':
      return <TrialDialog {...props} />;
    case 'credit':
      return <CreditDialog {...props} />;
    case 'version':
      return <VersionDialog {...props} />;
    case 'feature':
      return <FeatureDialog {...props} line={act.line} />;
    case 'revoke':
      return <RevokeDialog {...props} line={act.line} />;
  }
}

/** Shows what the act answered, and what else it changed. */
function useDone(organization: string, onClose: () => void) {
  const client = useQueryClient();
  return (words: string) => {
    void client.invalidateQueries({ queryKey: ['organization', organization] });
    void client.invalidateQueries({ queryKey: billingKeys.one(organization) });
    toast(words);
    onClose();
  };
}

const PLANS = ['start', 'team', 'growth', 'scale'] as const;
const planWord = (plan: string) => plan.charAt(0).toUpperCase() + plan.slice(1);

function PlanDialog({ organization, panel, onClose }: DialogProps) {
  const done = useDone(organization, onClose);
  const { first, month } = days(panel);
  const [plan, setPlan] = useState<string>('team');
  const [seats, setSeats] = useState(String(Math.max(10, panel.subscription?.seats_used ?? 0)));
  const [until, setUntil] = useState(month);
  return (
    <ReasonDialog
      title={<Trans>Give a plan without charge?</Trans>}
      description={<Trans>It ends as a trial does: owners are reminded before, and without a plan of their own nothing can be changed afterwards.</Trans>}
      act={<Trans>Give it</Trans>}
      acting={<Trans>Giving</Trans>}
      run={(why) => givePlan(organization, { plan, seats: Number(seats), until: endOf(until), ...why })}
      onClose={onClose}
      onDone={() => done(t`Plan given`)}
    >
      {(wrong) => (
        <>
          <Field label={<Trans>Plan to give</Trans>} error={wrong['plan']}>
            <Select value={plan} onChange={setPlan} options={PLANS.map((value) => ({ value: value as string, label: planWord(value) }))} />
          </Field>
          <Field label={<Trans>Seats</Trans>} error={wrong['seats']}>
            <Input type="number" min={1} inputMode="numeric" value={seats} onChange={(event) => setSeats(event.target.value)} />
          </Field>
          <Field label={<Trans>Until</Trans>} error={wrong['until']} hint={t`The whole day, UTC.`}>
            <Input type="date" min={first} value={until} onChange={(event) => setUntil(event.target.value)} />
          </Field>
        </>
      )}
    </ReasonDialog>
  );
}

function TrialDialog({ organization, panel, onClose }: DialogProps) {
  const done = useDone(organization, onClose);
  const { first, month } = days(panel);
  const [until, setUntil] = useState(month);
  const ends = panel.subscription?.trial_end_at;
  return (
    <ReasonDialog
      title={panel.subscription?.is_comp ? <Trans>When does the given plan end?</Trans> : <Trans>When does the trial end?</Trans>}
      description={ends ? t`By now it ends on ${day(ends)}. What is over begins again at once.` : undefined}
      act={<Trans>Save the day</Trans>}
      acting={<Trans>Saving</Trans>}
      run={(why) => moveTrial(organization, { until: endOf(until), ...why })}
      onClose={onClose}
      onDone={() => done(t`The end was moved`)}
    >
      {(wrong) => (
        <>
          <Field label={<Trans>Last day</Trans>} error={wrong['until']} hint={t`The whole day, UTC.`}>
            <Input type="date" min={first} value={until} onChange={(event) => setUntil(event.target.value)} />
          </Field>
        </>
      )}
    </ReasonDialog>
  );
}

function CreditDialog({ organization, panel, onClose }: DialogProps) {
  const done = useDone(organization, onClose);
  const [text, setText] = useState('');
  const [note, setNote] = useState('');
  // One dialog is one press, however often its button is pressed.
  const [key] = useState(() => crypto.randomUUID());
  const minor = minorOf(text);
  return (
    <ReasonDialog
      title={<Trans>Give credit?</Trans>}
      description={<Trans>It is spent on invoices to come. Money that was paid is given back at Stripe, where the payment is.</Trans>}
      act={minor === null ? <Trans>Give credit</Trans> : t`Give ${money(minor, panel.currency)}`}
      acting={<Trans>Giving</Trans>}
      run={(why) => giveCredit(organization, { amount_minor: minor ?? 0, currency: panel.currency, note: note.trim(), ...why }, key)}
      onClose={onClose}
      onDone={() => done(t`Credit given`)}
    >
      {(wrong) => (
        <>
          <Field label={t`Amount in ${panel.currency.toUpperCase()}`} error={text !== '' && minor === null ? t`An amount like 25 or 12.50.` : wrong['amount_minor']}>
            <Input inputMode="decimal" autoComplete="off" value={text} onChange={(event) => setText(event.target.value)} />
          </Field>
          <Field label={<Trans>What the customer reads</Trans>} error={wrong['note']} hint={t`Stands beside the credit at Stripe.`}>
            <Input maxLength={200} autoComplete="off" value={note} onChange={(event) => setNote(event.target.value)} />
          </Field>
        </>
      )}
    </ReasonDialog>
  );
}

function FeatureDialog({ organization, panel, line, onClose }: DialogProps & { line: PanelFeature }) {
  const done = useDone(organization, onClose);
  const { first, month } = days(panel);
  const isSwitch = line.kind === 'switch';
  const unit = isSwitch ? written('') : written(line.unit);
  const [value, setValue] = useState(isSwitch ? '1' : line.value === null ? '' : String(line.value / unit.each));
  const [until, setUntil] = useState(month);
  return (
    <ReasonDialog
      title={<Trans>Grant {line.name}?</Trans>}
      description={<Trans>It is in force instead of what the plan brings, until the day or until it is taken back.</Trans>}
      act={<Trans>Grant it</Trans>}
      acting={<Trans>Granting</Trans>}
      run={(why) => grantFeature(organization, line.feature, { value: value.trim() === '' ? null : Math.round(Number(value) * unit.each), expires_at: until ? endOf(until) : null, ...why })}
      onClose={onClose}
      onDone={() => done(t`Granted`)}
    >
      {(wrong) => (
        <>
          {isSwitch ? (
            <Field label={<Trans>Value</Trans>} error={wrong['value']}>
              <Select value={value} onChange={setValue} options={[{ value: '1', label: t`On` }, { value: '0', label: t`Off` }]} />
            </Field>
          ) : (
            <Field label={unit.in ? t`Value in ${unit.in}` : t`Value`} error={wrong['value']} hint={t`Empty for no limit.`}>
              <Input type="number" min={0} step="any" inputMode="decimal" value={value} onChange={(event) => setValue(event.target.value)} />
            </Field>
          )}
          <Field label={<Trans>Until</Trans>} error={wrong['expires_at']} hint={t`Empty: until it is taken back.`}>
            <Input type="date" min={first} value={until} onChange={(event) => setUntil(event.target.value)} />
          </Field>
        </>
      )}
    </ReasonDialog>
  );
}

function RevokeDialog({ organization, line, onClose }: DialogProps & { line: PanelFeature }) {
  const done = useDone(organization, onClose);
  return (
    <ReasonDialog
      title={<Trans>Take {line.name} back?</Trans>}
      description={<Trans>What the plan brings is in force at once. What is above it stays; nothing new is taken in.</Trans>}
      act={<Trans>Take back</Trans>}
      acting={<Trans>Taking back</Trans>}
      run={(why) => revokeFeature(organization, line.feature, why)}
      onClose={onClose}
      onDone={() => done(t`Taken back`)}
    />
  );
}

function VersionDialog({ organization, panel, onClose }: DialogProps) {
  const done = useDone(organization, onClose);
  const shown = useQuery({
    queryKey: [...billingKeys.one(organization), 'newest'],
    queryFn: () => previewVersion(organization),
    // Figures hold for minutes, and only for what there was when they were asked for.
    staleTime: 0,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  });
  const found = shown.data;
  return (
    <ReasonDialog
      title={<Trans>Put it on the newest version?</Trans>}
      description={t`${panel.subscription?.plan_name ?? ''} v${panel.subscription?.newest_version ?? ''} instead of v${panel.subscription?.version ?? ''}. Only where the customer agreed to these figures.`}
      act={<Trans>Change the version</Trans>}
      acting={<Trans>Changing</Trans>}
      run={(why) => changeVersion(organization, { token: found?.token ?? '', ...why })}
      onClose={onClose}
      onDone={() => done(t`Version changed`)}
    >
      <Problem error={shown.error} />
      {found ? (
        <dl aria-label={t`What it costs`} className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-1 rounded-2 bg-sunken p-3 tabular-nums">
          {found.lines.map((line) => (
            <div key={`${line.text} ${line.amount_minor}`} className="col-span-2 grid grid-cols-subgrid">
              <dt>{line.text}</dt>
              <dd className="text-end">{money(line.amount_minor, found.currency)}</dd>
            </div>
          ))}
          <dt>{found.effective === 'now' ? t`Due now` : t`Due now; it begins with the next period`}</dt>
          <dd className="text-end">{money(found.due_now_minor, found.currency)}</dd>
          <dt>{t`Next invoice, ${day(found.next.at)}`}</dt>
          <dd className="text-end">{money(found.next.total_minor, found.currency)}</dd>
        </dl>
      ) : shown.isPending ? (
        <p role="status" className="text-text-3">
          <Trans>Asking Stripe what it would cost</Trans>
        </p>
      ) : null}
    </ReasonDialog>
  );
}
