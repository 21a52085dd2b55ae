import { plural, t } from '@lingui/core/macro';
import { seatsWord } from '@/features/pricing/words';
import type { StatusTone } from '@/ui/status';
import { money } from '@/lib/money';
import { day } from '@/lib/time';
import { ApiError } from '@/api/errors';
import { buysAnew, daysUntil, type PaymentMethod, type Subscription } from './model';

/** What a refusal says: of one that only names fields, the first of their sentences, for here is no form to put them in. */
export function sentence(error: unknown): string {
  if (!(error instanceof ApiError)) return t`The fault is ours. Try again in a moment.`;
  const [first] = Object.values(error.fieldErrors);
  return first !== undefined && error.detail === error.problem['title'] ? first : error.detail;
}

export function daysLeft(iso: string, now = Date.now()): string {
  const days = daysUntil(iso, now);
  return days === 0 ? t`less than a minute left` : plural(days, { one: '# day left', other: '# days left' });
}

export interface StandingWords {
  tone: StatusTone;
  word: string;
  detail: string;
}

/** How a subscription stands, in a word and a sentence; `isInvoiced`: nothing is charged, invoices are sent. */
export function standingOf(subscription: Subscription, isInvoiced = false, now = Date.now()): StandingWords {
  const { state, trial_end_at, cancel_at, read_only_at, past_due_since_at, crowded_since_at, owes, is_comp, period_end } = subscription;
  const anew = buysAnew(subscription);
  if (crowded_since_at && (state === 'active' || state === 'trialing')) return { tone: 'failed', word: t`More people than seats`, detail: crowdedWords(read_only_at, now) };
  switch (state) {
    case 'trialing':
      if (anew && is_comp && trial_end_at)
        return { tone: 'fine', word: t`Given to you`, detail: t`Nothing is charged until ${day(trial_end_at)}. Choose a plan before that day to go on.` };
      if (anew && trial_end_at)
        return { tone: 'running', word: daysLeft(trial_end_at), detail: t`Until ${day(trial_end_at)}. Nothing is charged unless you choose a plan.` };
      if (cancel_at) return { tone: 'look', word: t`Ends`, detail: t`Free until ${day(cancel_at)}, and then over. No invoice comes.` };
      return {
        tone: 'running',
        word: t`On trial`,
        detail: trial_end_at ? t`Free until ${day(trial_end_at)}, as promised; the first invoice comes then.` : t`Nothing is charged yet.`,
      };
    case 'active':
      if (is_comp)
        return {
          tone: 'fine',
          word: t`Given to you`,
          detail: period_end ? t`Nothing is charged until ${day(period_end)}.` : t`Nothing is charged.`,
        };
      if (cancel_at) return { tone: 'look', word: t`Ends`, detail: t`Everything works until ${day(cancel_at)}. No further invoice comes.` };
      if (isInvoiced && period_end) return { tone: 'fine', word: t`Active`, detail: t`Runs until ${day(period_end)}, then for another period. Invoices are to be paid within 30 days.` };
      return { tone: 'fine', word: t`Active`, detail: period_end ? t`Paid until ${day(period_end)}.` : t`Everything is paid.` };
    case 'past_due':
      return {
        tone: 'failed',
        word: isInvoiced ? t`Invoice overdue` : t`Payment failed`,
        detail: [
          past_due_since_at ? t`Unpaid since ${day(past_due_since_at)}; everything works.` : t`An invoice is unpaid; everything works.`,
          read_only_at ? t`The studio becomes read-only on ${day(read_only_at)} if nothing changes.` : '',
        ]
          .filter(Boolean)
          .join(' '),
      };
    case 'read_only':
      return anew
        ? { tone: 'off', word: is_comp ? t`Ended` : t`Trial over`, detail: t`The studio is read-only. Learners go on. Choose a plan and everything opens at once.` }
        : { tone: 'off', word: t`Read-only`, detail: t`An invoice is unpaid. Learners go on. Pay it and everything opens at once.` };
    case 'canceled':
      if (owes) return { tone: 'failed', word: t`Ended, and an invoice is unpaid`, detail: t`The studio is read-only. Learners go on. Pay the invoice; then you can choose a plan, and everything opens at once.` };
      return { tone: 'off', word: t`Ended`, detail: t`The studio is read-only. Learners go on. Choose a plan and everything opens at once.` };
  }
}

function crowdedWords(readOnlyAt: string | null, now: number): string {
  if (!readOnlyAt) return t`Take more seats, or suspend people. Learners go on.`;
  if (Date.parse(readOnlyAt) <= now) return t`The studio is read-only. Learners go on. Take more seats, or suspend people: either opens everything at once.`;
  return t`Take more seats, or suspend people; otherwise the studio is read-only from ${day(readOnlyAt)} on. Learners go on.`;
}

export interface KeptWords {
  title: string;
  detail: string;
}

/** What is had until a day beside what is billed; null where that is nothing. */
export function keptWords({ kept_until, kept_plan, is_kept_given, seats_kept, seats, plan }: Subscription): KeptWords | null {
  if (!kept_until) return null;
  const other = kept_plan && kept_plan.key !== plan.key ? kept_plan.name : null;
  const had = Math.max(seats_kept ?? 0, seats);
  if (is_kept_given)
    return {
      title: t`You keep what you were given until ${day(kept_until)}.`,
      detail: other
        ? t`Until then ${other} with ${seatsWord(had)} works; afterwards ${plan.name} begins with ${seatsWord(seats)}.`
        : t`Until then you have ${seatsWord(had)}, afterwards ${seatsWord(seats)}. Everything else of ${plan.name} works already.`,
    };
  const title = t`You keep what is paid for until ${day(kept_until)}.`;
  if (other) return { title, detail: t`Until then everything of ${other} works; afterwards ${plan.name} begins with ${seatsWord(seats)}.` };
  const more = t`${seatsWord(had)} are paid for until then, ${seatsWord(seats)} afterwards. Whoever joins meanwhile needs one of the ${seats} that stay; taking seats up again costs nothing until then.`;
  return { title, detail: had > seats ? more : '' };
}

export function vatWords(state: string): { tone: StatusTone; word: string } | null {
  switch (state) {
    case 'pending':
      return { tone: 'running', word: t`Being checked` };
    case 'verified':
      return { tone: 'fine', word: t`Verified` };
    case 'unverified':
      return { tone: 'look', word: t`Not confirmed by the tax office. Check the number and the legal name.` };
    default:
      return null;
  }
}

export function invoiceStatus(
  invoice: { status: string; due_at: string | null; total_minor: number; refunded_minor: number },
  now = Date.now(),
): { tone: StatusTone; word: string } {
  if (invoice.refunded_minor > 0)
    return { tone: 'off', word: invoice.refunded_minor >= invoice.total_minor ? t`Refunded` : t`Refunded in part` };
  switch (invoice.status) {
    case 'paid':
      return { tone: 'fine', word: t`Paid` };
    case 'open':
      return invoice.due_at !== null && Date.parse(invoice.due_at) < now ? { tone: 'failed', word: t`Overdue` } : { tone: 'look', word: t`To pay` };
    case 'draft':
      return { tone: 'running', word: t`Being made` };
    case 'void':
      return { tone: 'off', word: t`Void` };
    case 'uncollectible':
      return { tone: 'failed', word: t`Not paid` };
    default:
      return { tone: 'off', word: invoice.status };
  }
}

/** "Visa that ends in 4242, until 12/2030". */
export function cardWords(method: PaymentMethod): string {
  const brand = method.brand ? method.brand[0]?.toUpperCase() + method.brand.slice(1) : method.kind;
  const ends = method.last4 ? t`${brand} ending in ${method.last4}` : brand;
  if (!method.exp_month || !method.exp_year) return ends;
  const until = `${String(method.exp_month).padStart(2, '0')}/${method.exp_year}`;
  return t`${ends}, valid until ${until}`;
}

export function amountWithTax(total: number, tax: number, currency: string): string {
  return tax > 0 ? t`${money(total, currency)}, ${money(tax, currency)} tax included` : money(total, currency);
}
