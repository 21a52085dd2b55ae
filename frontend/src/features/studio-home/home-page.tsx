import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Check, TriangleAlert } from 'lucide-react';
import { useMemo } from 'react';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { boot } from '@/lib/boot';
import { useCan } from '@/lib/permissions';
import { buttonClass } from '@/ui/button';
import { cx } from '@/ui/cx';
import { Icon } from '@/ui/icon';
import { PageBar, PageBody } from '@/ui/page';
import { Skeleton } from '@/ui/skeleton';
import { Track } from '@/ui/track';
import { type StartFacts, startQuery } from './api';
import { nextStep, type Step, type StepName, stepsOf } from './steps';

interface StepWords {
  title: string;
  detail: string;
  action: string;
  to: string;
  search?: Record<string, string>;
}

function wordsOf(name: StepName, facts: StartFacts): StepWords {
  switch (name) {
    case 'address':
      return { title: t`Get your address`, detail: t`${boot().organization?.host ?? ''} is yours`, action: '', to: '/studio' };
    case 'video':
      return {
        title: t`Upload a first video`,
        detail: facts.video ? facts.video.title : t`MP4, MOV, MKV, WebM. It plays seconds after the upload ends`,
        action: t`Upload a video`,
        to: '/studio/media',
      };
    case 'course':
      return {
        title: t`Make a course`,
        detail: facts.course ? facts.course.title : t`Modules and lessons; only you see it until you publish`,
        action: t`Make a course`,
        to: '/studio/courses',
      };
    case 'publish':
      return {
        title: t`Publish it`,
        detail: facts.course?.published ? t`Learners can see “${facts.course.title}”` : t`From then on learners can take it`,
        // Nothing to open before there is a course.
        action: facts.course ? t`Open the course` : '',
        to: facts.course ? `/studio/courses/${facts.course.id}` : '/studio/courses',
      };
    case 'people':
      return {
        title: t`Invite someone`,
        detail: peopleDetail(facts),
        action: t`Invite people`,
        to: '/studio/people',
        search: { invite: '1' },
      };
  }
}

function peopleDetail({ members, invited, manyMembers }: StartFacts): string {
  if (manyMembers) return t`More than ${members} members`;
  const parts = [
    members > 1 ? plural(members, { one: '# member', other: '# members' }) : '',
    invited > 0 ? plural(invited, { one: '# invitation open', other: '# invitations open' }) : '',
  ].filter(Boolean);
  return parts.join(' · ') || t`They get a mail with a link and choose a password`;
}

/** What to do first, and what needs someone. Read from the organization's own data, so it is never wrong by a click. */
export function StudioHomePage() {
  usePageTitle(t`Studio`);
  const courses = useCan('courses.view');
  const media = useCan('library.view');
  const people = useCan('people.view');
  const may = useMemo(() => ({ courses, media, people }), [courses, media, people]);
  const start = useQuery(startQuery(may));
  return (
    <>
      <PageBar title={<Trans>Home</Trans>} />
      <PageBody>
        {start.isError && !start.data ? (
          <Failure compact error={start.error} onRetry={() => void start.refetch()} />
        ) : start.data ? (
          <div className="grid gap-x-14 gap-y-10 lg:grid-cols-[minmax(0,1fr)_minmax(0,420px)]">
            <Checklist steps={stepsOf(start.data, may)} facts={start.data} />
            <NeedsYou facts={start.data} />
          </div>
        ) : (
          <HomeSkeleton />
        )}
      </PageBody>
    </>
  );
}

function Checklist({ steps, facts }: { steps: Step[]; facts: StartFacts }) {
  const done = steps.filter((step) => step.done).length;
  const total = steps.length;
  const next = nextStep(steps);
  return (
    <section aria-labelledby="first-steps" className="max-w-[720px]">
      <h2 id="first-steps" className="t-h2">
        {next ? (
          <Trans>
            {done} of {total} done
          </Trans>
        ) : (
          <Trans>Everything is set up</Trans>
        )}
      </h2>
      <p className="mt-1 text-text-2">
        {next ? <Trans>Your first learners can start when all of it is done.</Trans> : <Trans>Your learners can start.</Trans>}
      </p>
      <Track
        className="mt-[18px] mb-1.5"
        height={8}
        label={t`${done} of ${total} first steps done`}
        segments={steps.map((step) => ({ key: step.name, weight: 1, spans: step.done ? [[0, 1]] : [] }))}
      />
      <ol>
        {steps.map((step, index) => {
          const words = wordsOf(step.name, facts);
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
                <span className="block t-xs text-text-3 sm:truncate">{words.detail}</span>
              </span>
              {step.done || !words.action ? null : (
                <Link
                  to={words.to}
                  {...(words.search ? { search: words.search } : {})}
                  className={buttonClass(step.name === next ? 'primary' : 'secondary', 'sm', 'max-sm:ms-[38px]')}
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

function NeedsYou({ facts }: { facts: StartFacts }) {
  const count = facts.failed.length;
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
          {facts.failed.slice(0, 5).map((asset) => (
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
