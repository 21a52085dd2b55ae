import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import type { Incident, IncidentUpdate } from '@/api/staff';
import { Problem } from '@/features/staff-kit/problem';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Select } from '@/ui/select';
import { Textarea } from '@/ui/textarea';
import { toast } from '@/ui/toast';
import { incidentKeys, sayMore } from './api';
import { SAID, saidWord } from './model';

/** What is known now. "Over" ends the incident; anything else opens it again. */
export function SayDialog({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const id = useId();
  const client = useQueryClient();
  const [state, setState] = useState<IncidentUpdate['state']>(incident.updates[0]?.state ?? 'investigating');
  const [body, setBody] = useState('');
  const [tried, setTried] = useState(false);
  const say = useMutation({
    mutationFn: () => sayMore(incident.id, { state, body: body.trim() }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: incidentKeys.all });
      toast(state === 'resolved' ? t`The incident is over` : t`It is on the public page`);
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (body.trim() !== '') say.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={<Trans>Say more about “{incident.title}”</Trans>}
      description={<Trans>It is public at once and cannot be changed afterwards.</Trans>}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Leave it</Trans>
          </Button>
          <Button type="submit" form={id} variant="primary" loading={say.isPending}>
            {say.isPending ? <Trans>Saying</Trans> : <Trans>Say it</Trans>}
          </Button>
        </>
      }
    >
      <form id={id} noValidate onSubmit={submit} className="grid gap-5">
        <Problem error={say.error} />
        <Field label={<Trans>Where it stands</Trans>}>
          <Select value={state} onChange={setState} options={SAID.map((value) => ({ value, label: saidWord(value) }))} />
        </Field>
        <Field label={<Trans>What is known now</Trans>} required error={tried && body.trim() === '' ? t`Say what is known, even if that is little.` : undefined}>
          <Textarea rows={4} maxLength={4000} value={body} onChange={(event) => setBody(event.target.value)} />
        </Field>
      </form>
    </Dialog>
  );
}
