import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { Textarea } from '@/ui/textarea';

export interface Reason {
  reason: string;
  ticket: string;
}

export const NO_REASON: Reason = { reason: '', ticket: '' };

/** What is wrong with a reason, or null. Whoever reads the log later has only these words. */
export function reasonProblem(reason: string): string | null {
  const text = reason.trim();
  if (text === '') return t`Say why, for whoever reads the log.`;
  if (text.length < 8) return t`A few more words: this stays in the log.`;
  return null;
}

interface ReasonFieldsProps {
  value: Reason;
  onChange: (value: Reason) => void;
  /** Shown under the reason after a try. */
  problem: string | null;
  ticketProblem?: string | null;
  /** Support access and the like cannot do without. */
  ticketRequired?: boolean;
  /** Leaves the ticket out, where nobody has one. */
  noTicket?: boolean;
  hint?: string;
}

/** Why something is done, and under which ticket. */
export function ReasonFields({ value, onChange, problem, ticketProblem, ticketRequired = false, noTicket = false, hint }: ReasonFieldsProps) {
  return (
    <>
      <Field label={<Trans>Reason</Trans>} required error={problem ?? undefined} hint={hint ?? t`Stays in the log, with your name.`}>
        <Textarea rows={2} maxLength={500} value={value.reason} onChange={(event) => onChange({ ...value, reason: event.target.value })} />
      </Field>
      {noTicket ? null : (
        <Field
          label={ticketRequired ? <Trans>Ticket</Trans> : <Trans>Ticket, if there is one</Trans>}
          required={ticketRequired}
          error={ticketProblem ?? undefined}
        >
          <Input maxLength={80} autoComplete="off" value={value.ticket} onChange={(event) => onChange({ ...value, ticket: event.target.value })} />
        </Field>
      )}
    </>
  );
}
