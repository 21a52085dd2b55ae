import { Plural, Trans } from '@lingui/react/macro';
import { t } from '@lingui/core/macro';
import { useQuery } from '@tanstack/react-query';
import { Check, Search } from 'lucide-react';
import { useDeferredValue, type ReactNode } from 'react';
import { catalogQuery, type CatalogCourse } from '@/api/learning';
import { useProgress } from '@/lib/progress';
import { duration } from '@/lib/time';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { Empty } from '@/ui/empty';
import { ErrorState } from '@/ui/error-state';
import { Icon } from '@/ui/icon';
import { Input } from '@/ui/input';
import { PageColumn } from '@/ui/page';
import { Poster } from '@/ui/poster';
import { Skeleton } from '@/ui/skeleton';
import { matches } from './search';

export type CatalogFilter = 'all' | 'mine' | 'new';

interface CatalogPageProps {
  /** From the address, so that Back, reload and a shared link keep it. */
  query: string;
  filter: CatalogFilter;
  onSearch: (change: { query?: string; filter?: CatalogFilter }) => void;
  link: (course: CatalogCourse, children: ReactNode, props: { className: string }) => ReactNode;
  /** For a visitor: the way to sign in, because most courses are for members. */
  signIn: ReactNode;
  /** What the organization says on top; without a title the page says what it is. */
  welcome: { title: string; text: string };
}

const GRID = 'grid grid-cols-1 gap-x-8 gap-y-7 sm:grid-cols-2 sm:gap-y-10 lg:grid-cols-3';

/** Everything one may take up here. */
export function CatalogPage({ query, filter, onSearch, link, signIn, welcome }: CatalogPageProps) {
  const { data, error, refetch } = useQuery(catalogQuery);
  const wanted = useDeferredValue(query);
  const found = data?.filter((course) => matches(wanted, course.title, course.summary)) ?? [];
  const shown = found.filter((course) => (filter === 'mine' ? course.enrollment : filter === 'new' ? !course.enrollment : true));
  const counts = { all: found.length, mine: found.filter((course) => course.enrollment).length };
  return (
    <PageColumn>
      <h1 tabIndex={-1} className={welcome.text ? 'mb-2 t-h1' : 'mb-4 t-h1 sm:mb-5'}>
        {welcome.title || <Trans>Catalogue</Trans>}
      </h1>
      {welcome.text ? <p className="mb-5 max-w-[34em] t-lead sm:mb-7">{welcome.text}</p> : null}
      {data && data.length > 0 ? (
        <div className="mb-6 flex flex-wrap items-center justify-between gap-x-6 gap-y-3 sm:mb-7">
          <div role="group" aria-label={t`Which courses`} className="flex gap-2">
            <Chip on={filter === 'all'} onPress={() => onSearch({ filter: 'all' })} label={t`All`} count={counts.all} />
            <Chip on={filter === 'mine'} onPress={() => onSearch({ filter: 'mine' })} label={t`Enrolled`} count={counts.mine} />
            <Chip on={filter === 'new'} onPress={() => onSearch({ filter: 'new' })} label={t`Not started`} count={counts.all - counts.mine} />
          </div>
          <div role="search" className="w-full sm:w-80">
            <Input
              type="search"
              quiet
              aria-label={t`Search courses`}
              placeholder={t`Search courses`}
              value={query}
              onChange={(event) => onSearch({ query: event.currentTarget.value })}
              start={<Icon as={Search} className="text-text-3" />}
              className="text-[15px]"
            />
          </div>
        </div>
      ) : null}
      <p className="sr-only" role="status">
        {data ? <Plural value={shown.length} one="# course" other="# courses" /> : null}
      </p>
      {error && !data ? (
        <ErrorState
          headingLevel={2}
          compact
          title={<Trans>The catalogue did not load</Trans>}
          actions={
            <Button variant="primary" onClick={() => void refetch()}>
              <Trans>Load it again</Trans>
            </Button>
          }
        >
          <Trans>Your courses and your place in them are safe.</Trans>
        </ErrorState>
      ) : !data ? (
        <CatalogSkeleton />
      ) : data.length === 0 && signIn ? (
        <Empty title={<Trans>The courses here are for members</Trans>} action={signIn}>
          <Trans>Sign in and they are all on this page.</Trans>
        </Empty>
      ) : data.length === 0 ? (
        <Empty title={<Trans>No courses yet</Trans>}>
          <Trans>When your organization publishes its first course, it is here.</Trans>
        </Empty>
      ) : shown.length === 0 ? (
        <Empty
          title={query ? <Trans>Nothing matches “{query}”</Trans> : <Trans>No course here</Trans>}
          action={
            <Button onClick={() => onSearch({ query: '', filter: 'all' })}>
              <Trans>Show all courses</Trans>
            </Button>
          }
        >
          <Trans>Try a shorter word, or look through all of them.</Trans>
        </Empty>
      ) : (
        <ul className={GRID}>
          {shown.map((course, index) => (
            <li key={course.id}>
              {link(course, <CourseCard course={course} eager={index < 3} />, { className: 'group block rounded-3' })}
            </li>
          ))}
        </ul>
      )}
    </PageColumn>
  );
}

function Chip({ on, onPress, label, count }: { on: boolean; onPress: () => void; label: string; count: number }) {
  return (
    <button
      type="button"
      aria-pressed={on}
      onClick={onPress}
      className="inline-flex h-9 items-center gap-[7px] rounded-2 border border-line-2 bg-surface px-3.5 text-[14px] font-medium whitespace-nowrap text-text-2 hover:bg-hover aria-pressed:border-text aria-pressed:bg-text aria-pressed:text-canvas pointer-coarse:h-11"
    >
      {label}
      <span className="text-[13px] opacity-80">{count}</span>
    </button>
  );
}

/** Poster, title, one line. No border and no ground: the picture holds it together. */
function CourseCard({ course, eager }: { course: CatalogCourse; eager: boolean }) {
  return (
    <>
      <Poster seed={course.id} eager={eager} badge={course.duration_ms > 0 ? duration(course.duration_ms) : null} />
      <span className="grid gap-1 pt-3.5">
        <span className="t-h4 decoration-1 underline-offset-[3px] group-hover:underline">{course.title}</span>
        <span className="flex min-h-6 items-center justify-between gap-3 t-sm text-text-2">
          <Plural value={course.lessons} one="# lesson" other="# lessons" />
          {course.enrollment ? <EnrolledBadge enrollment={course.enrollment} /> : null}
        </span>
      </span>
    </>
  );
}

function EnrolledBadge({ enrollment }: { enrollment: NonNullable<CatalogCourse['enrollment']> }) {
  const progress = useProgress(enrollment.id, enrollment.progress);
  if (!progress) return null;
  if (progress.percent_permille >= 1000) {
    return (
      <Badge tone="success" icon={<Icon as={Check} size={14} />}>
        <Trans>Completed</Trans>
      </Badge>
    );
  }
  return <Badge tone="brand">{progress.percent_permille > 0 ? t`${Math.floor(progress.percent_permille / 10)} % done` : t`Enrolled`}</Badge>;
}

function CatalogSkeleton() {
  return (
    <div role="status" aria-busy="true" aria-label={t`Loading the catalogue`} className={GRID}>
      {Array.from({ length: 6 }, (_, index) => (
        <div key={index}>
          <Skeleton className="aspect-video w-full rounded-3" />
          <Skeleton className="mt-4 h-5 w-3/5" />
          <Skeleton className="mt-3 h-4 w-2/5" />
        </div>
      ))}
    </div>
  );
}
