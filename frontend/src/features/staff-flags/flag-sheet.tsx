import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { Flag, FlagRule } from '@/api/staff';
import { OrganizationName, OrganizationPicker } from '@/features/staff-kit/organization-picker';
import { Section } from '@/features/staff-kit/page';
import { Problem } from '@/features/staff-kit/problem';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { IconButton } from '@/ui/icon-button';
import { Input } from '@/ui/input';
import { Segmented } from '@/ui/segmented';
import { Sheet } from '@/ui/sheet';
import { Switch } from '@/ui/switch';
import { toast } from '@/ui/toast';
import { changeFlag, flagsKeys, removeFlag, setRules } from './api';
import { Ends, Reach } from './flag-marks';
import { percentText, withoutRule, withRule } from './model';

/** One flag: for whom it is on, its kill switch, its end. Every change takes effect at once. */
export function FlagSheet({ flag, mayChange, onClose }: { flag: Flag; mayChange: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const [removing, setRemoving] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: flagsKeys.all });
  const rules = useMutation({ mutationFn: (next: readonly FlagRule[]) => setRules(flag.key, next), onSuccess: refresh });
  const change = useMutation({ mutationFn: (next: Parameters<typeof changeFlag>[1]) => changeFlag(flag.key, next), onSuccess: refresh });
  return (
    <Sheet
      open
      onOpenChange={(open) => open || onClose()}
      title={<span className="mono text-[15px] break-all">{flag.key}</span>}
      closeLabel={t`Close`}
      footer={
        mayChange ? (
          <Button variant="danger" onClick={() => setRemoving(true)}>
            <Trans>Remove flag…</Trans>
          </Button>
        ) : null
      }
    >
      <div className="grid gap-7">
        <div className="grid gap-1.5">
          <p>{flag.description}</p>
          <Reach flag={flag} />
        </div>
        {rules.error || change.error ? <Problem error={rules.error ?? change.error} /> : null}
        <Section title={<Trans>On for</Trans>}>
          <ul>
            {flag.rules.map((rule) => (
              <li key={`${rule.kind} ${rule.value}`} className="flex min-h-(--row) items-center justify-between gap-3 border-t border-line">
                <span className="min-w-0 truncate">
                  <RuleWords rule={rule} />
                </span>
                {mayChange ? <IconButton size="sm" className="pointer-coarse:size-11!" icon={X} iconSize={14} label={t`Remove this rule`} onClick={() => rules.mutate(withoutRule(flag.rules, rule))} /> : null}
              </li>
            ))}
          </ul>
          {flag.rules.length === 0 ? (
            <p className="border-t border-line py-2 text-text-3">
              <Trans>Nobody yet.</Trans>
            </p>
          ) : null}
          {mayChange ? <AddRule pending={rules.isPending} onAdd={(rule) => rules.mutate(withRule(flag.rules, rule))} /> : null}
        </Section>
        <Section title={<Trans>Kill switch</Trans>}>
          <Switch
            row
            checked={flag.kill}
            disabled={!mayChange}
            onChange={(kill) => change.mutate({ kill })}
            label={<Trans>Off for everyone</Trans>}
            hint={t`Whatever the rules say. They stay as they are for later.`}
          />
        </Section>
        <Section title={<Trans>Owner and end</Trans>}>
          <OwnerAndEnd flag={flag} mayChange={mayChange} pending={change.isPending} onSave={(next) => change.mutate(next, { onSuccess: () => toast(t`Saved`) })} />
        </Section>
      </div>
      {removing ? <RemoveDialog flag={flag} onClose={() => setRemoving(false)} onRemoved={onClose} /> : null}
    </Sheet>
  );
}

function RuleWords({ rule }: { rule: FlagRule }) {
  if (rule.kind === 'organization') return <OrganizationName id={rule.value} />;
  if (rule.kind === 'plan') return <Trans>Plan {rule.value}</Trans>;
  return <Trans>{percentText(Number(rule.value))} of all organizations</Trans>;
}

function AddRule({ pending, onAdd }: { pending: boolean; onAdd: (rule: FlagRule) => void }) {
  const [kind, setKind] = useState<FlagRule['kind']>('organization');
  const [plan, setPlan] = useState('');
  const [percent, setPercent] = useState('');
  const share = Number(percent.replace(',', '.'));
  const rule: FlagRule | null =
    kind === 'plan' && plan.trim() !== ''
      ? { kind, value: plan.trim() }
      : kind === 'permille' && percent !== '' && share > 0 && share <= 100
        ? { kind, value: String(Math.round(share * 10)) }
        : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!rule || pending) return;
    onAdd(rule);
    setPlan('');
    setPercent('');
  };
  return (
    <form onSubmit={submit} className="mt-2 grid gap-2.5 rounded-3 bg-sunken p-3">
      <Segmented
        label={t`Kind of rule`}
        className="justify-self-start"
        value={kind}
        onChange={setKind}
        options={[
          { value: 'organization', label: <Trans>Organization</Trans> },
          { value: 'plan', label: <Trans>Plan</Trans> },
          { value: 'permille', label: <Trans>Share</Trans> },
        ]}
      />
      {kind === 'organization' ? (
        <OrganizationPicker label={t`Organization's name`} value={null} onChange={(picked) => picked && onAdd({ kind: 'organization', value: picked.id })} />
      ) : (
        <div className="flex items-end gap-2">
          {kind === 'plan' ? (
            <Field label={<Trans>Plan</Trans>} className="flex-1">
              <Input value={plan} onChange={(event) => setPlan(event.target.value)} />
            </Field>
          ) : (
            <Field label={<Trans>Share of organizations</Trans>} className="flex-1">
              <Input inputMode="decimal" suffix="%" value={percent} onChange={(event) => setPercent(event.target.value)} />
            </Field>
          )}
          <Button type="submit" loading={pending} disabled={!rule}>
            <Trans>Add</Trans>
          </Button>
        </div>
      )}
    </form>
  );
}

function OwnerAndEnd({ flag, mayChange, pending, onSave }: { flag: Flag; mayChange: boolean; pending: boolean; onSave: (next: { owner: string; expires_on: string }) => void }) {
  const [owner, setOwner] = useState(flag.owner);
  const [ends, setEnds] = useState(flag.expires_on);
  const changed = owner !== flag.owner || ends !== flag.expires_on;
  if (!mayChange) {
    return (
      <p className="border-t border-line py-2">
        {flag.owner} · <Ends flag={flag} />
      </p>
    );
  }
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (changed && owner.trim() && ends) onSave({ owner: owner.trim(), expires_on: ends });
      }}
    >
      <div className="grid grid-cols-2 gap-3">
        <Field label={<Trans>Owner</Trans>}>
          <Input value={owner} maxLength={80} onChange={(event) => setOwner(event.target.value)} />
        </Field>
        <Field label={<Trans>Ends</Trans>} error={flag.expired && !changed ? t`Past its end.` : undefined}>
          <Input type="date" value={ends} onChange={(event) => setEnds(event.target.value)} />
        </Field>
      </div>
      {changed ? (
        <Button type="submit" className="justify-self-start" loading={pending}>
          {pending ? <Trans>Saving</Trans> : <Trans>Save</Trans>}
        </Button>
      ) : null}
    </form>
  );
}

function RemoveDialog({ flag, onClose, onRemoved }: { flag: Flag; onClose: () => void; onRemoved: () => void }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeFlag(flag.key),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: flagsKeys.all });
      toast(t`Flag ${flag.key} removed`);
      onRemoved();
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={<Trans>Remove “{flag.key}”?</Trans>}
      description={<Trans>Code that still asks for it finds it off, for everyone. Its rules are gone; the audit keeps them.</Trans>}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Keep it</Trans>
          </Button>
          <Button variant="danger" loading={remove.isPending} onClick={() => remove.mutate()}>
            {remove.isPending ? <Trans>Removing</Trans> : <Trans>Remove</Trans>}
          </Button>
        </>
      }
    >
      <Problem error={remove.error} />
    </Dialog>
  );
}
