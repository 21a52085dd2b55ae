import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import type { Incident } from '@/api/staff';
import { Problem } from '@/features/staff-kit/problem';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { Select } from '@/ui/select';
import { toast } from '@/ui/toast';
import { correctIncident, incidentKeys } from './api';
import { IMPACTS, impactWord, problemsOf } from './model';
import { PartsField } from './parts-field';

/** Its title, how bad it is, and what it is about. What was said of it stays. */
export function CorrectDialog({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const id = useId();
  const client = useQueryClient();
  const [title, setTitle] = useState(incident.title);
  const [impact, setImpact] = useState(incident.impact);
  const [parts, setParts] = useState(incident.parts);
  const problems = problemsOf({ title, parts, body: '-' });
  const correct = useMutation({
    mutationFn: () => correctIncident(incident.id, { title: title.trim(), impact, parts }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: incidentKeys.all });
      toast(t`Incident corrected`);
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (Object.keys(problems).length === 0) correct.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      size="lg"
      title={<Trans>Correct the incident</Trans>}
      description={<Trans>What was said of it stays as it was.</Trans>}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Leave it</Trans>
          </Button>
          <Button type="submit" form={id} variant="primary" loading={correct.isPending}>
            {correct.isPending ? <Trans>Saving</Trans> : <Trans>Save</Trans>}
          </Button>
        </>
      }
    >
      <form id={id} noValidate onSubmit={submit} className="grid gap-5">
        <Problem error={correct.error} />
        <Field label={<Trans>What people notice</Trans>} required error={problems.title}>
          <Input maxLength={160} value={title} onChange={(event) => setTitle(event.target.value)} />
        </Field>
        <Field label={<Trans>How bad</Trans>}>
          <Select value={impact} onChange={setImpact} options={IMPACTS.map((value) => ({ value, label: impactWord(value) }))} />
        </Field>
        <PartsField value={parts} onChange={setParts} error={problems.parts} />
      </form>
    </Dialog>
  );
}
