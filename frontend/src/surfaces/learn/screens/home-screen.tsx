import { Plural, Trans } from '@lingui/react/macro';
import { t } from '@lingui/core/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { useEffect, useSyncExternalStore, type ReactNode } from 'react';
import { enrollmentsQuery, outlineQuery, type EnrollmentSummary, type Outline } from '@/api/learning';
import { courseTrack, lessonsOf, nextLesson, timeLeft } from '@/features/lesson/model';
import { boot } from '@/lib/boot';
import { progressStore, useProgress } from '@/lib/progress';
import { clock, duration } from '@/lib/time';
import { Button, buttonClass } from '@/ui/button';
import { Empty } from '@/ui/empty';
import { ErrorState } from '@/ui/error-state';
import { PageColumn } from '@/ui/page';
import { Poster } from '@/ui/poster';
import { Skeleton, SkeletonText } from '@/ui/skeleton';
import { Track } from '@/ui/track';
import { useHoldFocus, useTakeFocus } from '../heading-focus';

/** Home: first the lesson to go on with, then everything else begun, then what is done. */
export function HomeScreen() {
  const { data, error, refetch } = useQuery(enrollmentsQuery);
  useEffect(() => {
    document.title = `${t`Home`} · ${boot().brand.name}`;
  }, []);
  const open = data?.filter((enrollment) => enrollment.progress.percent_permille < 1000) ?? [];
  const done = data?.filter((enrollment) => enrollment.progress.percent_permille >= 1000) ?? [];
  const [first, ...rest] = open;
  return (
    <PageColumn>
      {error && !data ? (
        <ErrorState
          title={<Trans>Your courses did not load</Trans>}
          actions={
            <Button variant="primary" onClick={() => void refetch()}>
              <Trans>Load them again</Trans>
            </Button>
          }
        >
          <Trans>Your place in every one of them is safe.</Trans>
        </ErrorState>
      ) : !data ? (
        <HomeSkeleton />
      ) : data.length === 0 ? (
        <>
          <h1 tabIndex={-1} className="mb-2 t-h1">
            <Trans>Welcome</Trans>
          </h1>
          <Empty
            title={<Trans>Nothing started yet</Trans>}
            action={
              <Link to="/" className={buttonClass('primary')}>
                <Trans>Look through the catalogue</Trans>
              </Link>
            }
          >
            <Trans>Pick a course and we keep your place from the first second on.</Trans>
          </Empty>
        </>
      ) : (
        <>
          {first ? (
            <Continue enrollment={first} />
          ) : (
            <h1 tabIndex={-1} className="t-h1">
              <Trans>Everything is finished</Trans>
            </h1>
          )}
          {rest.length > 0 ? (
            <Section title={<Trans>In progress</Trans>}>
              {rest.map((enrollment) => (
                <Row key={enrollment.id} enrollment={enrollment} />
              ))}
            </Section>
          ) : null}
          {done.length > 0 ? (
            <Section title={<Trans>Completed</Trans>}>
              {done.map((enrollment) => (
                <Row key={enrollment.id} enrollment={enrollment} />
              ))}
            </Section>
          ) : null}
        </>
      )}
    </PageColumn>
  );
}

/** The outline of an enrollment, for its Track and its next lesson, with the newest progress laid over it. */
function useOutline(enrollment: EnrollmentSummary) {
  const { data } = useQuery(outlineQuery(enrollment.id));
  useSyncExternalStore(progressStore.subscribe, () => progressStore.version());
  const outline: Outline | undefined = data?.enrollment.id === enrollment.id ? data : undefined;
  const progress = useProgress(enrollment.id, enrollment.progress) ?? enrollment.progress;
  const newest = (item: string) => progressStore.getItem(enrollment.id, item);
  const lessons = outline ? lessonsOf(outline) : [];
  const next = outline ? nextLesson(outline, progress.next_item, newest) : null;
  return { outline, progress, lessons, next, left: timeLeft(lessons, newest), track: courseTrack(lessons, newest) };
}

function Continue({ enrollment }: { enrollment: EnrollmentSummary }) {
  useTakeFocus();
  const { progress, lessons, next, left, track } = useOutline(enrollment);
  const known = enrollment.next;
  const item = next?.item ?? known?.item ?? null;
  const title = next?.title ?? known?.title ?? enrollment.course.title;
  const place = known && known.item === item ? (known.position_seconds ?? 0) : 0;
  const length = (next?.duration_ms ?? known?.duration_ms ?? 0) / 1000;
  const number = next ? lessons.indexOf(next) + 1 : 0;
  const share = length > 0 ? Math.min(1, place / length) : 0;
  const toLesson = (children: ReactNode, props: { className: string; tabIndex?: number; 'aria-hidden'?: boolean }) =>
    item ? (
      <Link to="/learn/$enrollment/$item" params={{ enrollment: enrollment.id, item }} {...props}>
        {children}
      </Link>
    ) : (
      <Link to="/courses/$course" params={{ course: enrollment.course.id }} {...props}>
        {children}
      </Link>
    );
  return (
    <section aria-label={t`Continue`} className="grid items-center gap-5 lg:grid-cols-[minmax(0,640px)_minmax(0,1fr)] lg:gap-12">
      {toLesson(
        <Poster seed={enrollment.course.id} url={known?.poster_url ?? null} eager className="rounded-4">
          <span className="absolute start-5 bottom-6 grid size-[52px] place-items-center rounded-full bg-white text-[#14171c]">
            <Play size={22} strokeWidth={1} className="ms-0.5 fill-current" />
          </span>
          {share > 0 ? (
            <span className="absolute inset-x-0 bottom-0 h-[5px] bg-white/28">
              <span style={{ width: `${share * 100}%` }} className="block h-full bg-white" />
            </span>
          ) : null}
        </Poster>,
        // The same way as the button beside it: once for the keyboard, twice for the hand.
        { className: 'block', tabIndex: -1, 'aria-hidden': true },
      )}
      <div>
        <p className="t-sm text-text-2 sm:text-[15px]">
          {enrollment.course.title}
          {number > 0 ? (
            <span className="text-text-3">
              {' · '}
              <Trans>
                Lesson {number} of {lessons.length}
              </Trans>
            </span>
          ) : null}
        </p>
        <h1 tabIndex={-1} className="mt-1.5 mb-[18px] t-h1 sm:mt-2 sm:mb-6">
          {title}
        </h1>
        <div className="mb-6 flex flex-col gap-2.5 sm:mb-8 sm:flex-row sm:items-center sm:gap-4">
          {toLesson(
            <>
              <Play aria-hidden="true" size={16} strokeWidth={1} className="flex-none fill-current" />
              {place >= 5 ? <Trans>Continue at {clock(place)}</Trans> : progress.percent_permille > 0 || place > 0 ? <Trans>Continue</Trans> : <Trans>Start</Trans>}
            </>,
            { className: buttonClass('primary', 'lg') },
          )}
          {length > 0 ? (
            <span className="text-center text-text-2">
              <Trans>{duration(Math.max(0, length - place) * 1000)} left</Trans>
            </span>
          ) : null}
        </div>
        {lessons.length > 0 ? (
          <>
            <Track height={8} label={t`${Math.floor(progress.percent_permille / 10)} % of the course done`} segments={track} />
            <p className="mt-2.5 flex justify-between gap-4 t-xs text-text-3">
              <span>
                {progress.done} <Plural value={progress.required} one="of # lesson done" other="of # lessons done" />
              </span>
              {left > 0 ? (
                <span>
                  <Trans>{duration(left)} left</Trans>
                </span>
              ) : null}
            </p>
          </>
        ) : (
          <Skeleton className="h-2" />
        )}
      </div>
    </section>
  );
}

function Section({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <section className="mt-10 max-w-[780px] sm:mt-14">
      <h2 className="mb-2 t-h3">{title}</h2>
      <ul>{children}</ul>
    </section>
  );
}

function Row({ enrollment }: { enrollment: EnrollmentSummary }) {
  const { progress, left, track, next } = useOutline(enrollment);
  const done = progress.percent_permille >= 1000;
  return (
    <li className="border-t border-line first:border-t-0">
      <Link to="/courses/$course" params={{ course: enrollment.course.id }} className="group flex items-center gap-3.5 rounded-2 py-3.5 sm:gap-4">
        <Poster seed={enrollment.course.id} className="w-24 flex-none rounded-2 sm:w-32" />
        <span className="min-w-0 flex-1">
          <span className="block truncate t-h4 decoration-1 underline-offset-[3px] group-hover:underline">{enrollment.course.title}</span>
          <span className="block truncate t-sm text-text-2">
            {done ? <Trans>Completed</Trans> : (next?.title ?? <Plural value={progress.required} one="# lesson" other="# lessons" />)}
          </span>
          {track.length > 0 ? (
            <span className="mt-2.5 block max-w-[380px]">
              <Track label={t`${Math.floor(progress.percent_permille / 10)} % of the course done`} segments={track} />
            </span>
          ) : null}
        </span>
        {left > 0 && !done ? (
          <span className="self-start pt-px t-sm text-text-2 max-sm:hidden">
            <Trans>{duration(left)} left</Trans>
          </span>
        ) : null}
      </Link>
    </li>
  );
}

function HomeSkeleton() {
  const heading = useHoldFocus();
  return (
    <div aria-busy="true" className="grid items-center gap-5 lg:grid-cols-[minmax(0,640px)_minmax(0,1fr)] lg:gap-12">
      <h1 ref={heading} tabIndex={-1} className="sr-only">
        <Trans>Loading your courses</Trans>
      </h1>
      <Skeleton className="aspect-video w-full rounded-4" />
      <div className="grid gap-5">
        <Skeleton className="h-5 w-2/5" />
        <Skeleton className="h-11 w-4/5" />
        <Skeleton className="h-[52px] w-48 rounded-2" />
        <SkeletonText lines={1} />
      </div>
    </div>
  );
}
