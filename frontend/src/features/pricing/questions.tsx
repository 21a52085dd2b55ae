import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Accordion } from '@/ui/accordion';

/** What surprises people elsewhere, answered before they sign up. Each sentence is a rule that the product keeps. */
export function Questions() {
  return (
    <section aria-labelledby="questions" className="grid gap-5 lg:grid-cols-[24%_minmax(0,1fr)]">
      <h2 id="questions" className="t-h2">
        <Trans>Questions before the first bill</Trans>
      </h2>
      <Accordion
        className="max-w-[760px]"
        items={[
          {
            value: 'seat',
            title: t`Who takes a seat?`,
            content: (
              <Trans>
                A member who may sign in. Invitations, suspended and erased members take none, and before you invite we show how many
                seats are left and what more would cost.
              </Trans>
            ),
          },
          {
            value: 'mistake',
            title: t`We added people by mistake. Do we pay for them?`,
            content: (
              <Trans>
                Suspend or erase them and their seats are free at once. Seats bought within the last 7 days can be given back with full
                credit for the days not used.
              </Trans>
            ),
          },
          {
            value: 'video',
            title: t`Can a popular film run up a bill?`,
            content: (
              <Trans>
                Only if you say so. You are told at 70, 90 and 100 % of what is included, and choose for encoding and for watching
                whether to stop there or to pay the price above. Nobody is cut off in the middle of a lesson.
              </Trans>
            ),
          },
          {
            value: 'full',
            title: t`What happens when storage, seats or domains are full?`,
            content: (
              <Trans>
                The next one is refused with a sentence that says what is missing and how to get it. Nothing that exists stops, and
                nothing is charged by itself.
              </Trans>
            ),
          },
          {
            value: 'change',
            title: t`When does a change of plan cost something?`,
            content: (
              <Trans>
                Going up counts at once and you see the exact amount before you agree. Going down costs nothing: you keep what you paid
                for until the end of the period, and pay less from then on.
              </Trans>
            ),
          },
          {
            value: 'trial',
            title: t`What happens when the trial ends?`,
            content: (
              <Trans>
                Without a plan the studio becomes read-only. Learners go on learning, nothing is deleted, and choosing a plan opens
                everything again at once. Choose one before, and the days left stay free.
              </Trans>
            ),
          },
          {
            value: 'failed',
            title: t`What if a payment fails?`,
            content: (
              <Trans>
                Owners and billing contacts are reminded, nobody else hears of it. After 14 days the studio becomes read-only; learners
                go on. It opens again the moment the invoice is paid.
              </Trans>
            ),
          },
          {
            value: 'leave',
            title: t`How do we leave?`,
            content: (
              <Trans>
                In three clicks, from the billing page, without talking to anybody. Everything works until the end of what is paid, and
                an export of all people, courses, progress and films is offered on the way.
              </Trans>
            ),
          },
          {
            value: 'tax',
            title: t`Tax, purchase orders, bank transfer?`,
            content: (
              <Trans>
                Give your address and VAT id and the right tax is on every invoice, or reverse charge where it applies. A purchase order
                number can be printed on them, several people can get them, and you can pay by card or by invoice.
              </Trans>
            ),
          },
          {
            value: 'later',
            title: t`Will the price of our plan rise?`,
            content: <Trans>What you bought keeps its price and its limits for as long as you keep it. New versions are for those who choose them.</Trans>,
          },
        ]}
      />
    </section>
  );
}
