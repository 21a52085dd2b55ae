import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Check, TriangleAlert } from 'lucide-react';
import type { FirstRun } from '@/api/types';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { can, useCan } from '@/lib/permissions';
import { day } from '@/lib/time';
import { Button, buttonClass } from '@/ui/button';
import { cx } from '@/ui/cx';
import { Icon } from '@/ui/icon';
import { PageBar, PageBody } from '@/ui/page';
import { Skeleton } from '@/ui/skeleton';
import { toast } from '@/ui/toast';
import { Track } from '@/ui/track';
import { dismissFirstRun, type FailedVideo, failedQuery, firstRunQuery, reopenFirstRun } from './api';
import { nextStep, type Step, type StepName, stepsOf } from './steps';

interface StepWords {
  title: string;
  detail: string;
  action: string;
  to: string;
  search?: Record<string, string>;
}

function wordsOf(name: StepName): StepWords {
  switch (name) {
    case 'brand':
      return {
        title: t`Make it yours`,
        detail: t`Logo, colour and name; learners see no brand but your own`,
        action: t`Open branding`,
        to: '/studio/branding',
      };
    case 'video':
      return {
        title: t`Upload a first video`,
        detail: t`MP4, MOV, MKV, WebM. It plays seconds after the upload ends`,
        action: t`Upload a video`,
        to: '/studio/media',
      };
    case 'course':
      return {
        title: t`Publish a course`,
        detail: t`Modules and lessons; only you see it until you publish`,
        action: t`Open courses`,
        to: '/studio/courses',
      };
    case 'invitation':
      return {
        title: t`Invite someone`,
        detail: t`They get a mail with a link and choose a password`,
        action: t`Invite people`,
        to: '/studio/people',
        search: { invite: '1' },
      };
    case 'enrollment':
      return {
        title: t`Get someone onto a course`,
        detail: t`Members find published courses in the catalogue and start by themselves`,
        action: t`Open courses`,
        to: '/studio/courses',
      };
    case 'progress':
      return {
        title: t`See the first progress`,
        detail: t`Done as soon as a learner gets on with a lesson`,
        action: '',
        to: '/studio/courses',
      };
  }
}

/** What to do first, and what needs someone. Done by what happens in the organization, never by a press in the list. */
export function StudioHomePage() {
  usePageTitle(t`Studio`);
  const mayStart = useCan('reports.view_first_run');
  const mayMedia = useCan('library.view');
  const start = useQuery({ ...firstRunQuery, enabled: mayStart });
  const failed = useQuery({ ...failedQuery, enabled: mayMedia });
  const waiting = (mayStart && start.isPending) || (mayMedia && failed.isPending);
  const error = start.error ?? failed.error;
  return (
    <>
      <PageBar title={<Trans>Home</Trans>} />
      <PageBody>
        {error && !start.data && !failed.data ? (
          <Failure
            compact
            error={error}
            onRetry={() => {
              void start.refetch();
              void failed.refetch();
            }}
          />
        ) : waiting ? (
          <HomeSkeleton />
        ) : (
          <div className="grid gap-x-14 gap-y-10 lg:grid-cols-[minmax(0,1fr)_minmax(0,420px)]">
            {start.data && !start.data.dismissed_at ? <Checklist steps={stepsOf(start.data.steps, can)} /> : null}
            <div className="grid content-start gap-8">
              <NeedsYou failed={failed.data ?? []} />
              {start.data?.dismissed_at ? <Reopen /> : null}
            </div>
          </div>
        )}
      </PageBody>
    </>
  );
}

/** Puts the list away, or takes it out again, for everybody of the organization. */
function useChange(change: () => Promise<FirstRun>, done?: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (now) => {
      client.setQueryData(firstRunQuery.queryKey, now);
      done?.();
    },
    onError: () => toast(t`Not changed. Try again in a moment.`),
  });
}

function Reopen() {
  const may = useCan('reports.manage_first_run');
  const show = useChange(reopenFirstRun);
  if (!may) return null;
  return (
    <Button variant="ghost" className="justify-self-start" loading={show.isPending} onClick={() => show.mutate()}>
      <Trans>Show the first steps</Trans>
    </Button>
  );
}

function PutAway() {
  const may = useCan('reports.manage_first_run');
  const back = useChange(reopenFirstRun);
  const away = useChange(dismissFirstRun, () => toast(t`First steps are put away`, { action: { label: t`Undo`, onPress: () => back.mutate() } }));
  if (!may) return null;
  return (
    <Button variant="ghost" size="sm" loading={away.isPending} onClick={() => away.mutate()} className="pointer-coarse:h-11">
      <Trans>Put away</Trans>
    </Button>
  );
}

function Checklist({ steps }: { steps: Step[] }) {
  const done = steps.filter((step) => step.done).length;
  const total = steps.length;
  const next = nextStep(steps);
  return (
    <section aria-labelledby="first-steps" className="max-w-[720px]">
      <div className="flex items-start justify-between gap-4">
        <h2 id="first-steps" className="t-h2">
          {next ? (
            <Trans>
              {done} of {total} done
            </Trans>
          ) : (
            <Trans>Everything is set up</Trans>
          )}
        </h2>
        <PutAway />
      </div>
      <p className="mt-1 text-text-2">
        {next ? <Trans>From an empty platform to the first learner who gets on.</Trans> : <Trans>Your learners are under way.</Trans>}
      </p>
      <Track
        className="mt-[18px] mb-1.5"
        height={8}
        label={t`${done} of ${total} first steps done`}
        segments={steps.map((step) => ({ key: step.name, weight: 1, spans: step.done ? [[0, 1]] : [] }))}
      />
      <ol>
        {steps.map((step, index) => {
          const words = wordsOf(step.name);
          return (
            <li
              key={step.name}
              className="flex min-h-[58px] flex-wrap items-center gap-x-3.5 gap-y-2 border-t border-line py-2.5 first:border-t-0 sm:flex-nowrap sm:py-0"
            >
              <span
                className={cx(
                  'grid size-6 flex-none place-items-center rounded-full t-xxs font-[560]',
                  step.done ? 'bg-text text-canvas' : 'text-text-2 ring-[1.5px] ring-control ring-inset',
                )}
              >
                {step.done ? <Icon as={Check} size={12} /> : index + 1}
                {step.done ? (
                  <span className="sr-only">
                    <Trans>Done</Trans>
                  </span>
                ) : null}
              </span>
              <span className="min-w-0 flex-1">
                <span className={cx('block font-medium', step.done && 'text-text-2')}>{words.title}</span>
                <span className="block t-xs text-text-3 sm:truncate">
                  {step.doneAt ? <time dateTime={step.doneAt}>{t`Done on ${day(step.doneAt)}`}</time> : words.detail}
                </span>
              </span>
              {step.done || !words.action ? null : (
                <Link
                  to={words.to}
                  {...(words.search ? { search: words.search } : {})}
                  className={buttonClass(step.name === next ? 'primary' : 'secondary', 'sm', 'max-sm:ms-[38px] pointer-coarse:h-11')}
                >
                  {words.action}
                </Link>
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function NeedsYou({ failed }: { failed: readonly FailedVideo[] }) {
  const count = failed.length;
  return (
    <section aria-labelledby="needs-you">
      <div className="mb-3 flex items-baseline justify-between">
        <h2 id="needs-you" className="t-h4">
          <Trans>Needs you</Trans>
        </h2>
        {count > 0 ? <span className="t-xs text-text-3">{count}</span> : null}
      </div>
      {count === 0 ? (
        <p className="text-text-2">
          <Trans>Nothing waits for you. Videos that fail appear here.</Trans>
        </p>
      ) : (
        <ul>
          {failed.slice(0, 5).map((asset) => (
            <li key={asset.id} className="flex min-h-[58px] items-center gap-3.5 border-t border-line first:border-t-0">
              <Icon as={TriangleAlert} size={18} className="text-text-2" />
              <span className="min-w-0 flex-1">
                <span className="block truncate font-medium">{asset.title}</span>
                <span className="block truncate t-xs text-text-3">{asset.detail ?? t`Could not be processed`}</span>
              </span>
              <Link to="/studio/media" search={{ asset: asset.id }} className="link t-xs">
                <Trans>Look</Trans>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function HomeSkeleton() {
  return (
    <div role="status" aria-busy="true" aria-label={t`Loading`} className="grid max-w-[720px] gap-4">
      <Skeleton className="h-[34px] w-56" />
      <Skeleton className="h-5 w-80 max-w-full" />
      <Skeleton className="h-2 w-full rounded-full" />
      {[0, 1, 2, 3, 4].map((row) => (
        <Skeleton key={row} className="h-10 w-full" />
      ))}
    </div>
  );
}
