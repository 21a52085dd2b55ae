import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { ApiError } from '@/api/errors';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Problem } from './problem';
import { NO_REASON, type Reason, ReasonFields, reasonProblem } from './reason-fields';

interface ReasonDialogProps {
  title: ReactNode;
  description?: ReactNode;
  /** The act as a verb ("Retry") and while it runs ("Retrying"). */
  act: ReactNode;
  acting: ReactNode;
  danger?: boolean;
  noTicket?: boolean;
  /** Fields of its own; given what was wrong with each at the last press, by name. */
  children?: ReactNode | ((wrong: Readonly<Record<string, string>>) => ReactNode);
  run: (reason: Reason) => Promise<unknown>;
  onClose: () => void;
  onDone: () => void;
}

/** One act that needs a reason and nothing else. */
export function ReasonDialog({ title, description, act, acting, danger = false, noTicket = false, children, run, onClose, onDone }: ReasonDialogProps) {
  const id = useId();
  const [value, setValue] = useState(NO_REASON);
  const [tried, setTried] = useState(false);
  const mutation = useMutation({ mutationFn: () => run({ reason: value.reason.trim(), ticket: value.ticket.trim() }), onSuccess: onDone });
  const problem = reasonProblem(value.reason);
  const wrong = mutation.error instanceof ApiError ? mutation.error.fieldErrors : {};
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (problem === null) mutation.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={title}
      description={description}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Leave it</Trans>
          </Button>
          <Button type="submit" form={id} variant={danger ? 'danger' : 'primary'} loading={mutation.isPending}>
            {mutation.isPending ? acting : act}
          </Button>
        </>
      }
    >
      <form id={id} noValidate onSubmit={submit} className="grid gap-4">
        <Problem error={mutation.error} />
        {typeof children === 'function' ? children(wrong) : children}
        <ReasonFields value={value} onChange={setValue} problem={tried ? problem : null} noTicket={noTicket} />
      </form>
    </Dialog>
  );
}
