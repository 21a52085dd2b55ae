import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { Problem } from '@/features/staff-kit/problem';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { Select } from '@/ui/select';
import { Textarea } from '@/ui/textarea';
import { toast } from '@/ui/toast';
import { beginIncident, incidentKeys, type IncidentDraft } from './api';
import { IMPACTS, impactWord, problemsOf } from './model';
import { PartsField } from './parts-field';

/** A new incident with the first thing to say of it. */
export function NewIncidentDialog({ onClose }: { onClose: () => void }) {
  const id = useId();
  const client = useQueryClient();
  const [draft, setDraft] = useState<IncidentDraft>({ title: '', impact: 'degraded', parts: [], body: '', started_at: null });
  const [begins, setBegins] = useState('');
  const [tried, setTried] = useState(false);
  const problems = problemsOf(draft);
  const shown = tried ? problems : {};
  const set = (change: Partial<IncidentDraft>) => setDraft({ ...draft, ...change });
  const tell = useMutation({
    mutationFn: () =>
      beginIncident({ ...draft, title: draft.title.trim(), body: draft.body.trim(), started_at: draft.impact === 'maintenance' && begins !== '' ? new Date(begins).toISOString() : null }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: incidentKeys.all });
      toast(t`It is on the public page`);
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(problems).length === 0) tell.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      size="lg"
      title={<Trans>Tell of an incident</Trans>}
      description={<Trans>Everybody can read it at once, without signing in. Name no organization and no person.</Trans>}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Leave it</Trans>
          </Button>
          <Button type="submit" form={id} variant="primary" loading={tell.isPending}>
            {tell.isPending ? <Trans>Telling</Trans> : <Trans>Tell everybody</Trans>}
          </Button>
        </>
      }
    >
      <form id={id} noValidate onSubmit={submit} className="grid gap-5">
        <Problem error={tell.error} />
        <Field label={<Trans>What people notice</Trans>} required error={shown.title}>
          <Input maxLength={160} value={draft.title} placeholder={t`Films start late or not at all`} onChange={(event) => set({ title: event.target.value })} />
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={<Trans>How bad</Trans>}>
            <Select value={draft.impact} onChange={(impact) => set({ impact })} options={IMPACTS.map((value) => ({ value, label: impactWord(value) }))} />
          </Field>
          {draft.impact === 'maintenance' ? (
            <Field label={<Trans>Begins</Trans>} hint={t`Empty: now.`}>
              <Input type="datetime-local" value={begins} onChange={(event) => setBegins(event.target.value)} />
            </Field>
          ) : null}
        </div>
        <PartsField value={draft.parts} onChange={(parts) => set({ parts })} error={shown.parts} />
        <Field label={<Trans>What is known</Trans>} required error={shown.body}>
          <Textarea rows={4} maxLength={4000} value={draft.body} onChange={(event) => set({ body: event.target.value })} />
        </Field>
      </form>
    </Dialog>
  );
}
