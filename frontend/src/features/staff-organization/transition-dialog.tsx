import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ArrowRight } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import { ApiError } from '@/api/errors';
import type { Effects, OrganizationDetail } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { Problem } from '@/features/staff-kit/problem';
import { NO_REASON, ReasonFields, reasonProblem } from '@/features/staff-kit/reason-fields';
import { eventRunning, eventWord, IRREVERSIBLE, stateTone, stateWord, UNDONE_BY } from '@/features/staff-kit/words';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Icon } from '@/ui/icon';
import { Input } from '@/ui/input';
import { Notice } from '@/ui/notice';
import { SkeletonText } from '@/ui/skeleton';
import { Status } from '@/ui/status';
import { effectsQuery, makeTransition, organizationKeys } from './api';

interface TransitionDialogProps {
  organization: OrganizationDetail['organization'];
  event: string;
  onClose: () => void;
}

/** A change of state: what it does is read from the server and shown first, then a reason, then the act, then what is next. */
export function TransitionDialog({ organization, event, onClose }: TransitionDialogProps) {
  const id = useId();
  const client = useQueryClient();
  const [value, setValue] = useState(NO_REASON);
  const [typed, setTyped] = useState('');
  const [tried, setTried] = useState(false);
  const effects = useQuery(effectsQuery(organization.id, event));
  const happen = useMutation({
    mutationFn: (token: string) => makeTransition(organization.id, { event, reason: value.reason.trim(), ticket: value.ticket.trim(), token }),
    onSuccess: () => {
      for (const key of [['organizations'], ['organization', organization.id], ['fleet'], ['support-grants']]) void client.invalidateQueries({ queryKey: key });
    },
    onError: (error) => {
      // Something changed since the effects were read: they are read again, and shown again, before another try.
      if (error instanceof ApiError && error.status === 409) {
        void effects.refetch();
        void client.invalidateQueries({ queryKey: organizationKeys.one(organization.id) });
      }
    },
  });
  const act = eventWord(event);
  const mustType = IRREVERSIBLE.has(event);
  const wrongName = mustType && typed.trim() !== organization.name;
  const problem = reasonProblem(value.reason);
  const submit = (press: FormEvent) => {
    press.preventDefault();
    setTried(true);
    if (problem === null && !wrongName && effects.data) happen.mutate(effects.data.token);
  };
  if (happen.isSuccess && effects.data) return <Done organization={organization} event={event} to={effects.data.to} onClose={onClose} />;
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={
        <Trans>
          {act}: <bdi>{organization.name}</bdi>
        </Trans>
      }
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Leave it as it is</Trans>
          </Button>
          <Button
            type="submit"
            form={id}
            variant={event === 'suspend' || event === 'ask_deletion' ? 'danger' : 'primary'}
            loading={happen.isPending}
            disabled={!effects.data}
          >
            {happen.isPending ? eventRunning(event) : act}
          </Button>
        </>
      }
    >
      <form id={id} noValidate onSubmit={submit} className="grid gap-4">
        <Problem error={happen.error} />
        {effects.isPending ? (
          <div role="status" aria-label={t`Reading what this does`}>
            <SkeletonText lines={4} />
          </div>
        ) : effects.isError ? (
          <Failure compact error={effects.error} onRetry={() => void effects.refetch()} />
        ) : (
          <EffectsList effects={effects.data} />
        )}
        <ReasonFields value={value} onChange={setValue} problem={tried ? problem : null} hint={t`Its owners read it in a mail; it stays in both logs.`} />
        {mustType ? (
          <Field
            label={
              <Trans>
                Type <b className="font-semibold">{organization.name}</b> to go on
              </Trans>
            }
            required
            error={tried && wrongName ? t`The name is not the same.` : undefined}
          >
            <Input autoComplete="off" spellCheck={false} value={typed} onChange={(change) => setTyped(change.target.value)} />
          </Field>
        ) : null}
      </form>
    </Dialog>
  );
}

function EffectsList({ effects }: { effects: Effects }) {
  return (
    <section aria-label={t`What this does`} className="grid gap-2.5 rounded-3 bg-sunken p-3.5">
      <p className="flex flex-wrap items-center gap-2 font-medium">
        <Status tone={stateTone(effects.from)}>{stateWord(effects.from)}</Status>
        <Icon as={ArrowRight} size={14} mirror className="text-text-3" />
        <Status tone={stateTone(effects.to)}>{stateWord(effects.to)}</Status>
      </p>
      <ul className="grid gap-1.5">
        {effects.effects.map((effect) => (
          <li key={effect.code} className="flex gap-2">
            <span aria-hidden="true" className="mt-[7px] size-1 flex-none rounded-full bg-text-3" />
            <span>{effect.words}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Done({ organization, event, to, onClose }: TransitionDialogProps & { to: string }) {
  const undo = UNDONE_BY[event];
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      size="sm"
      title={
        <Trans>
          <bdi>{organization.name}</bdi> is {stateWord(to).toLowerCase()}
        </Trans>
      }
      actions={
        <Button variant="primary" onClick={onClose}>
          <Trans>Done</Trans>
        </Button>
      }
    >
      <Notice tone="success" live className="rounded-2!" title={t`Its owners have a mail.`}>
        {undo ? <Trans>“{eventWord(undo)}” takes it back, on this page.</Trans> : null}
      </Notice>
    </Dialog>
  );
}
