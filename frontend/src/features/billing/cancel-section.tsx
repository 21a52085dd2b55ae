import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Failure } from '@/app/boundaries';
import { day } from '@/lib/time';
import { Button, buttonClass } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Notice } from '@/ui/notice';
import { Select } from '@/ui/select';
import { SkeletonText } from '@/ui/skeleton';
import { Textarea } from '@/ui/textarea';
import { toast } from '@/ui/toast';
import { billingKeys, cancellationQuery, cancelPlan, keepPlan } from './api';
import type { Subscription } from './model';
import { sentence } from './words';

/** What Stripe is told where nobody gave a reason: leaving never asks for one. */
const UNSAID = 'other';

/** The way out, in plain sight: what happens, everything to take along, one press. And the way back. */
export function CancelSection({ subscription }: { subscription: Subscription }) {
  const [asking, setAsking] = useState(false);
  const leaving = subscription.cancel_at;
  return (
    <section aria-labelledby="cancel" className="border-t border-line pt-8">
      <h2 id="cancel" className="t-h4">
        {leaving ? <Trans>You leave on {day(leaving)}</Trans> : <Trans>Leave</Trans>}
      </h2>
      <div className="mt-2 flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <p className="min-w-0 max-w-[56ch] text-text-2">
          {leaving ? (
            <Trans>Until then everything works. Nothing is deleted then either: learners go on, and the studio becomes read-only.</Trans>
          ) : (
            <Trans>Ends with the period that is paid. Nothing is deleted, and you can take it back until then.</Trans>
          )}
        </p>
        {leaving ? (
          <TakeBack />
        ) : (
          <Button className="max-sm:w-full" onClick={() => setAsking(true)}>
            <Trans>Cancel plan</Trans>
          </Button>
        )}
      </div>
      {leaving ? <ExportOffer /> : null}
      {asking ? <CancelDialog onClose={() => setAsking(false)} /> : null}
    </section>
  );
}

function ExportOffer() {
  return (
    <p className="mt-4">
      <a href="/studio/settings/data" className={buttonClass('secondary', 'md', 'max-sm:w-full')}>
        <Trans>Take everything along</Trans>
      </a>
    </p>
  );
}

function useRefresh() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: billingKeys.all });
}

function TakeBack() {
  const refresh = useRefresh();
  const keep = useMutation({
    mutationFn: keepPlan,
    onSuccess: async () => {
      await refresh();
      toast(t`You stay; nothing has changed`);
    },
  });
  return (
    <>
      <Button variant="primary" className="max-sm:w-full" loading={keep.isPending} onClick={() => keep.mutate()}>
        <Trans>Stay after all</Trans>
      </Button>
      {keep.isError ? (
        <Notice tone="danger" live className="basis-full" title={<Trans>Not taken back.</Trans>}>
          {sentence(keep.error)}
        </Notice>
      ) : null}
    </>
  );
}

function CancelDialog({ onClose }: { onClose: () => void }) {
  const refresh = useRefresh();
  const key = useRef(crypto.randomUUID());
  const [reason, setReason] = useState(UNSAID);
  const [comment, setComment] = useState('');
  const found = useQuery(cancellationQuery);
  const cancel = useMutation({
    mutationFn: () => cancelPlan(reason, comment.trim(), key.current),
    onSuccess: async () => {
      await refresh();
      toast(t`Cancelled; everything works until the end of the period`);
      onClose();
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(next) => next || onClose()}
      title={<Trans>Cancel the plan?</Trans>}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Keep it</Trans>
          </Button>
          <Button variant="danger" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            {cancel.isPending ? <Trans>Cancelling</Trans> : <Trans>Cancel plan</Trans>}
          </Button>
        </>
      }
    >
      <div className="grid gap-5">
        {cancel.isError ? (
          <Notice tone="danger" live title={<Trans>Not cancelled.</Trans>}>
            {sentence(cancel.error)}
          </Notice>
        ) : null}
        {found.data ? (
          <ul className="grid list-disc gap-1.5 ps-5">
            {found.data.what_happens.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        ) : found.isError ? (
          <Failure compact error={found.error} onRetry={() => void found.refetch()} />
        ) : (
          <SkeletonText />
        )}
        <Notice
          title={<Trans>Take everything along.</Trans>}
          action={
            <a href="/studio/settings/data" className={buttonClass('secondary', 'sm', 'pointer-coarse:h-11')}>
              <Trans>Export</Trans>
            </a>
          }
        >
          <Trans>People, courses, progress and films in one file, now or later.</Trans>
        </Notice>
        <Field label={<Trans>Why, if you want to say</Trans>}>
          <Select
            value={reason}
            onChange={setReason}
            options={[
              { value: UNSAID, label: t`No answer, or something else` },
              { value: 'too_expensive', label: t`It costs too much` },
              { value: 'missing_features', label: t`Something is missing` },
              { value: 'switched_service', label: t`We use something else` },
              { value: 'unused', label: t`We do not use it enough` },
              { value: 'too_complex', label: t`It is too complicated` },
              { value: 'low_quality', label: t`It is not good enough` },
              { value: 'customer_service', label: t`We were not helped well` },
            ]}
          />
        </Field>
        <Field label={<Trans>In your words, if you want to</Trans>}>
          <Textarea rows={2} maxLength={1000} value={comment} onChange={(event) => setComment(event.target.value)} />
        </Field>
      </div>
    </Dialog>
  );
}
