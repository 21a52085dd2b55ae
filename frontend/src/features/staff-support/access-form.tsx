import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Eye, PencilLine } from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { SupportGrant } from '@/api/staff';
import { Problem } from '@/features/staff-kit/problem';
import { NO_REASON, ReasonFields, reasonProblem } from '@/features/staff-kit/reason-fields';
import { Button, buttonClass } from '@/ui/button';
import { Field } from '@/ui/field';
import { Icon } from '@/ui/icon';
import { Notice } from '@/ui/notice';
import { Segmented } from '@/ui/segmented';
import { Switch } from '@/ui/switch';
import { askForAccess, supportKeys } from './api';
import { MINUTES } from './model';

interface AccessFormProps {
  organization: { id: string; name: string };
  /** Chooses whose view it is; made by the page, which knows the people. */
  person: { id: string; name: string } | null;
  personField: ReactNode;
  onDone?: () => void;
}

/** Asks for support access. The organization sees who, why and until when, before anything is opened. */
export function AccessForm({ organization, person, personField, onDone }: AccessFormProps) {
  const client = useQueryClient();
  const [value, setValue] = useState(NO_REASON);
  const [minutes, setMinutes] = useState('30');
  const [readOnly, setReadOnly] = useState(true);
  const [tried, setTried] = useState(false);
  const [made, setMade] = useState<SupportGrant | null>(null);
  const ask = useMutation({
    mutationFn: () =>
      askForAccess({
        organization: organization.id,
        member: person?.id ?? null,
        reason: value.reason.trim(),
        ticket: value.ticket.trim(),
        scope: readOnly ? 'read' : 'write',
        minutes: Number(minutes),
      }),
    onSuccess: (grant) => {
      void client.invalidateQueries({ queryKey: supportKeys.all });
      setMade(grant);
      // In the click's own turn browsers would let it through; after an answer some do not, hence the button below too.
      if (grant.location) window.open(grant.location, '_blank', 'noopener');
    },
  });
  if (made) return <Made grant={made} name={organization.name} onDone={onDone} />;
  const problem = reasonProblem(value.reason);
  const ticketProblem = value.ticket.trim() === '' ? t`Which ticket is it about?` : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (problem === null && ticketProblem === null) ask.mutate();
  };
  return (
    <form noValidate onSubmit={submit} className="grid gap-3.5">
      <Problem error={ask.error} />
      <ReasonFields
        value={value}
        onChange={setValue}
        problem={tried ? problem : null}
        ticketProblem={tried ? ticketProblem : null}
        ticketRequired
        hint={t`${organization.name} reads it too.`}
      />
      {personField}
      <Field label={<Trans>For</Trans>}>
        <Segmented
          label={t`For how long`}
          className="flex! *:flex-1 *:justify-center"
          value={minutes}
          onChange={setMinutes}
          options={MINUTES.map((one) => ({ value: String(one), label: `${one}\u00a0min` }))}
        />
      </Field>
      <Switch row checked={readOnly} onChange={setReadOnly} label={<Trans>Read-only</Trans>} />
      {readOnly ? null : (
        <Notice tone="warning" className="rounded-2! px-3! py-2.5!" title={t`You can change things there.`}>
          <Trans>Every change carries your name and theirs. Passwords, factors, billing, exports and keys stay closed.</Trans>
        </Notice>
      )}
      <p className="text-text-3">
        <Trans>
          <bdi>{organization.name}</bdi> sees who, why and until when, now and in its audit log.
        </Trans>
      </p>
      <Button type="submit" variant="primary" wide icon={<Icon as={readOnly ? Eye : PencilLine} />} loading={ask.isPending}>
        {ask.isPending ? <Trans>Asking</Trans> : <Trans>Open for {minutes} min</Trans>}
      </Button>
    </form>
  );
}

function Made({ grant, name, onDone }: { grant: SupportGrant; name: string; onDone: (() => void) | undefined }) {
  const waits = grant.state === 'awaiting_consent';
  return (
    <div className="grid gap-3.5">
      <Notice tone={waits ? 'info' : 'success'} live className="rounded-2! px-3! py-2.5!" title={waits ? t`An owner has to agree first.` : t`Access is open for ${grant.minutes} min.`}>
        {waits ? <Trans>The owners of {name} have a mail. This page shows when they answered.</Trans> : <Trans>It opens in a new tab. If your browser kept it back, use the button.</Trans>}
      </Notice>
      {grant.location ? (
        <a href={grant.location} target="_blank" rel="noopener" className={buttonClass('primary', 'md')}>
          <Icon as={Eye} />
          <Trans>Open {name}</Trans>
        </a>
      ) : null}
      {onDone ? (
        <Button variant="ghost" onClick={onDone}>
          <Trans>Close</Trans>
        </Button>
      ) : null}
    </div>
  );
}
