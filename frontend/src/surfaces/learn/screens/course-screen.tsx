import { Trans } from '@lingui/react/macro';
import { t } from '@lingui/core/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { useEffect, useRef, useSyncExternalStore, type ReactNode } from 'react';
import { ApiError } from '@/api/errors';
import { courseQuery, enroll, learningKeys, outlineQuery, type CatalogDetail, type Outline } from '@/api/learning';
import { loginFor } from '@/features/auth/next';
import { CourseFacts } from '@/features/course/course-facts';
import { courseTrack, lessonsOf, nextLesson, progressOf, timeLeft } from '@/features/lesson/model';
import { OutlinePanel } from '@/features/lesson/outline-panel';
import { boot } from '@/lib/boot';
import { progressStore, useProgress } from '@/lib/progress';
import { useMe } from '@/lib/permissions';
import { duration } from '@/lib/time';
import { Button, buttonClass } from '@/ui/button';
import { ErrorState } from '@/ui/error-state';
import { Notice } from '@/ui/notice';
import { PageColumn } from '@/ui/page';
import { Poster } from '@/ui/poster';
import { Skeleton, SkeletonText } from '@/ui/skeleton';
import { Track } from '@/ui/track';
import { useHoldFocus, useTakeFocus } from '../heading-focus';

/** A course before and after enrolment: what it is, the way through it, and the one next step. */
export function CourseScreen({ course }: { course: string }) {
  const detail = useQuery(courseQuery(course));
  const found = detail.data?.id === course ? detail.data : undefined;
  const enrollment = found?.enrollment?.id;
  const outline = useQuery({ ...outlineQuery(enrollment ?? ''), enabled: Boolean(enrollment) });
  useEffect(() => {
    if (found) document.title = `${found.title} · ${boot().brand.name}`;
  }, [found]);

  if (detail.error && !found) return <CourseFailure error={detail.error} onRetry={() => void detail.refetch()} />;
  if (!found) return <CourseSkeleton />;
  const mine = outline.data?.course.id === course ? outline.data : undefined;
  return (
    <PageColumn className="max-md:pb-[150px]">
      <div className="flex flex-col gap-7 lg:grid lg:grid-cols-[minmax(0,1fr)_384px] lg:gap-20">
        <div className="grid content-start gap-8 sm:gap-10">
          <div>
            <h1 tabIndex={-1} className="t-h1">
              {found.title}
            </h1>
            {found.summary ? <p className="mt-4 t-lead max-w-[44em]">{found.summary}</p> : null}
            <div className="mt-6">
              <CourseFacts durationMs={found.duration_ms} lessons={found.lessons} />
            </div>
          </div>
          <section>
            <div className="mb-3 flex items-baseline justify-between gap-4">
              <h2 className="t-h3">
                <Trans>Outline</Trans>
              </h2>
              {found.version ? (
                <span className="t-sm text-text-3">
                  <Trans>Version {found.version.number}</Trans>
                </span>
              ) : null}
            </div>
            <CourseOutline detail={found} outline={mine} waiting={Boolean(enrollment)} />
          </section>
        </div>
        <aside className="max-lg:-order-1" aria-label={t`Your progress`}>
          <div className="lg:sticky lg:top-[100px]">
            <Poster seed={found.id} eager className="rounded-4" />
            <CourseAction detail={found} outline={mine} />
          </div>
        </aside>
      </div>
    </PageColumn>
  );
}

function CourseOutline({ detail, outline, waiting }: { detail: CatalogDetail; outline: Outline | undefined; waiting: boolean }) {
  useTakeFocus();
  if (!outline && waiting) return <SkeletonText lines={8} />;
  const shown = outline ?? asOutline(detail);
  const next = outline ? nextLesson(outline, outline.progress.next_item, (item) => progressStore.getItem(outline.enrollment.id, item)) : null;
  if (shown.modules.length === 0) return <p className="text-text-2">{t`This course has no lessons yet.`}</p>;
  return (
    <OutlinePanel
      outline={shown}
      current={next?.item ?? null}
      headingLevel={3}
      className="border-t border-line-2"
      link={
        outline
          ? (lesson, children, props) => (
              // The marked row is where to go on, not the page one is on.
              <Link to="/learn/$enrollment/$item" params={{ enrollment: outline.enrollment.id, item: lesson.item }} className={props.className}>
                {children}
              </Link>
            )
          : null
      }
    />
  );
}

/** The catalogue's outline in the shape of an enrolled one: nothing started, nothing to open. */
function asOutline(detail: CatalogDetail): Outline {
  return {
    enrollment: { id: '', state: 'none' },
    course: { id: detail.id, title: detail.title },
    progress: { revision: 0, percent_permille: 0, done: 0, required: 0, next_item: null },
    modules: detail.modules.map((module) => ({
      ...module,
      lessons: module.lessons.map((lesson) => ({ ...lesson, required: lesson.required ?? true, state: 'open' as const, percent_permille: 0, spans: [] })),
    })),
  };
}

function CourseAction({ detail, outline }: { detail: CatalogDetail; outline: Outline | undefined }) {
  if (!detail.enrollment) return <EnrollAction detail={detail} />;
  return outline ? <ContinueAction outline={outline} /> : <Skeleton className="mt-5 h-24" />;
}

function EnrollAction({ detail }: { detail: CatalogDetail }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  // One key for one decision: a double press or a retry after a lost answer enrols once.
  const key = useRef(crypto.randomUUID());
  const join = useMutation({
    mutationFn: () => enroll(detail.id, key.current),
    onSuccess: async (enrollment) => {
      await Promise.all([
        queries.invalidateQueries({ queryKey: learningKeys.catalog }),
        queries.invalidateQueries({ queryKey: learningKeys.enrollments }),
      ]);
      const outline = await queries.fetchQuery(outlineQuery(enrollment.id)).catch(() => null);
      const first = outline ? nextLesson(outline, outline.progress.next_item, () => undefined) : null;
      if (first) void navigate({ to: '/learn/$enrollment/$item', params: { enrollment: enrollment.id, item: first.item } });
    },
  });
  const me = useMe();
  const button = !me ? (
    <a href={loginFor(window.location.pathname)} className={`${buttonClass('primary', 'lg')} w-full`}>
      <Trans>Sign in to enrol</Trans>
    </a>
  ) : (
    <Button variant="primary" size="lg" wide loading={join.isPending} onClick={() => join.mutate()}>
      {join.isPending ? <Trans>Enrolling…</Trans> : <Trans>Enrol</Trans>}
    </Button>
  );
  return (
    <>
      <div className="grid gap-3 py-5">
        <div className="max-md:hidden">{button}</div>
        {join.error ? (
          <Notice tone="danger" live title={<Trans>You are not enrolled yet.</Trans>}>
            {join.error instanceof ApiError ? join.error.detail : null}
          </Notice>
        ) : null}
      </div>
      <StickyAction>{button}</StickyAction>
    </>
  );
}

function ContinueAction({ outline }: { outline: Outline }) {
  const enrollment = outline.enrollment.id;
  const progress = useProgress(enrollment, outline.progress) ?? outline.progress;
  useSyncExternalStore(progressStore.subscribe, () => progressStore.version());
  const newest = (item: string) => progressStore.getItem(enrollment, item);
  const lessons = lessonsOf(outline);
  const next = nextLesson(outline, progress.next_item, newest);
  const left = timeLeft(lessons, newest);
  const percent = Math.floor(progress.percent_permille / 10);
  const done = progress.percent_permille >= 1000;
  const started = progress.percent_permille > 0 || lessons.some((lesson) => progressOf(lesson, newest).state !== 'open');
  const word = done ? t`Look at it again` : started ? t`Continue` : t`Start`;
  const toLesson = (children: ReactNode, className: string) =>
    next ? (
      <Link to="/learn/$enrollment/$item" params={{ enrollment, item: next.item }} className={className}>
        {children}
      </Link>
    ) : null;
  return (
    <>
      <div className="grid gap-2.5 pt-3.5 md:gap-3 md:py-5">
        <div className="flex justify-between gap-3 t-sm">
          <b className="font-semibold">{done ? <Trans>Completed</Trans> : <Trans>{percent} % complete</Trans>}</b>
          {left > 0 ? (
            <span className="text-text-2">
              <Trans>{duration(left)} left</Trans>
            </span>
          ) : null}
        </div>
        <Track height={8} label={t`${percent} % of the course done`} segments={courseTrack(lessons, newest)} />
        {toLesson(
          <>
            <Play aria-hidden="true" size={16} strokeWidth={1} className="flex-none fill-current" />
            {word}
          </>,
          `${buttonClass('primary', 'lg')} mt-2 w-full max-md:hidden`,
        )}
        {next ? <p className="t-xs text-text-3 max-md:hidden">{next.title}</p> : null}
      </div>
      {next ? (
        <StickyAction>
          <span className="min-w-0 flex-1">
            <span className="block t-xs text-text-3">
              <Trans>
                Lesson {lessons.indexOf(next) + 1} of {lessons.length}
              </Trans>
            </span>
            <span className="block truncate text-[15px] font-medium">{next.title}</span>
          </span>
          {toLesson(word, buttonClass('primary', 'md', 'flex-none'))}
        </StickyAction>
      ) : null}
    </>
  );
}

/** The one action of a phone, above the tab bar, always in reach. */
function StickyAction({ children }: { children: ReactNode }) {
  return (
    <div className="fixed inset-x-0 bottom-[calc(61px+env(safe-area-inset-bottom))] z-20 flex items-center gap-4 border-t border-line bg-surface px-4 py-3 md:hidden">
      {children}
    </div>
  );
}

function CourseSkeleton() {
  const heading = useHoldFocus();
  return (
    <PageColumn>
      <h1 ref={heading} tabIndex={-1} className="sr-only">
        <Trans>Loading the course</Trans>
      </h1>
      <div aria-busy="true" className="flex flex-col gap-7 lg:grid lg:grid-cols-[minmax(0,1fr)_384px] lg:gap-20">
        <div className="grid content-start gap-6">
          <Skeleton className="h-11 w-4/5" />
          <SkeletonText lines={2} />
          <Skeleton className="mt-6 h-6 w-32" />
          <SkeletonText lines={7} />
        </div>
        <Skeleton className="aspect-video w-full rounded-4 max-lg:-order-1" />
      </div>
    </PageColumn>
  );
}

function CourseFailure({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const missing = error instanceof ApiError && (error.status === 404 || error.status === 403);
  return (
    <PageColumn>
      {missing ? (
        <ErrorState
          condition="missing"
          title={<Trans>This course is not here</Trans>}
          actions={
            <Link to="/" className={buttonClass('primary')}>
              <Trans>Look through the catalogue</Trans>
            </Link>
          }
        >
          <Trans>It may not be published, or not for you. The address may also have a typing mistake.</Trans>
        </ErrorState>
      ) : (
        <ErrorState
          title={<Trans>This course did not load</Trans>}
          actions={
            <Button variant="primary" onClick={onRetry}>
              <Trans>Load it again</Trans>
            </Button>
          }
        >
          <Trans>Your place in it is safe.</Trans> {error instanceof ApiError ? error.detail : null}
        </ErrorState>
      )}
    </PageColumn>
  );
}
