import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Failure, Forbidden } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { useCan } from '@/lib/permissions';
import { daysAgo } from '@/lib/time';
import { Button } from '@/ui/button';
import { Empty } from '@/ui/empty';
import { Icon } from '@/ui/icon';
import { PageBar, PageBody } from '@/ui/page';
import { Poster } from '@/ui/poster';
import { Skeleton } from '@/ui/skeleton';
import { Status } from '@/ui/status';
import { coursesQuery, type Course } from './api';
import { CreateCourseDialog } from './create-dialog';

interface CoursesPageProps {
  /** A link to a course's builder round `children`. */
  courseLink: (course: Course, children: ReactNode) => ReactNode;
  /** Goes to the builder of a course that was just made. */
  onCreated: (course: Course) => void;
}

/** "today" in the middle of a sentence; a day with the name of its month stays as it is. */
function when(iso: string): string {
  const text = daysAgo(iso);
  return /^\d/.test(text) ? text : text.toLocaleLowerCase();
}

/** Every course of the organization, and the way to a new one. */
export function CoursesPage({ courseLink, onCreated }: CoursesPageProps) {
  usePageTitle(t`Courses`);
  const mayView = useCan('courses.view');
  const mayEdit = useCan('courses.edit');
  const courses = useInfiniteQuery({ ...coursesQuery, enabled: mayView });
  const [creating, setCreating] = useState(false);
  const rows = courses.data?.pages.flatMap((page) => page.items) ?? [];
  const create = mayEdit ? (
    <Button variant="primary" icon={<Icon as={Plus} />} onClick={() => setCreating(true)}>
      <Trans>New course</Trans>
    </Button>
  ) : null;
  return (
    <>
      <PageBar title={<Trans>Courses</Trans>} actions={rows.length > 0 ? create : null} />
      <PageBody>
        {!mayView ? (
          <Forbidden compact />
        ) : courses.isError && rows.length === 0 ? (
          <Failure compact error={courses.error} onRetry={() => void courses.refetch()} />
        ) : courses.isPending ? (
          <ListSkeleton />
        ) : rows.length === 0 ? (
          <Empty title={<Trans>No courses yet</Trans>} action={create}>
            <Trans>A course is modules of lessons; a lesson is a film, words, or both. Nothing is seen by learners before you publish it.</Trans>
          </Empty>
        ) : (
          <>
            <ul className="border-b border-line">
              {rows.map((course) => (
                <CourseRow key={course.id} course={course} link={courseLink} />
              ))}
            </ul>
            {courses.hasNextPage ? (
              <Button className="mt-4" loading={courses.isFetchingNextPage} onClick={() => void courses.fetchNextPage()}>
                {courses.isFetchingNextPage ? <Trans>Loading…</Trans> : <Trans>Show more</Trans>}
              </Button>
            ) : null}
          </>
        )}
      </PageBody>
      {creating ? <CreateCourseDialog onClose={() => setCreating(false)} onCreated={onCreated} /> : null}
    </>
  );
}

function CourseRow({ course, link }: { course: Course; link: CoursesPageProps['courseLink'] }) {
  return (
    <li className="relative flex items-center gap-4 border-t border-line py-2.5 hover:bg-hover">
      <div className="w-[88px] flex-none overflow-hidden rounded-[6px]">
        <Poster seed={course.id} />
      </div>
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">
          {link(
            course,
            <>
              <span className="absolute inset-0" />
              <bdi>{course.title}</bdi>
            </>,
          )}
        </p>
        <p className="truncate t-xs text-text-3 max-sm:hidden">{course.summary || <Trans>No summary yet</Trans>}</p>
        <p className="t-xs text-text-2 sm:hidden">
          <CourseState course={course} />
        </p>
      </div>
      <div className="w-[150px] flex-none text-text-2 max-sm:hidden">
        <CourseState course={course} />
      </div>
      <div className="w-[170px] flex-none text-end text-text-2 max-md:hidden">
        <time dateTime={course.updated_at}>{t`Changed ${when(course.updated_at)}`}</time>
      </div>
    </li>
  );
}

function CourseState({ course }: { course: Course }) {
  if (course.state === 'archived') return <Status tone="off">{t`Archived`}</Status>;
  return course.version ? <Status tone="fine">{t`Version ${course.version.number}`}</Status> : <Status tone="off">{t`Draft`}</Status>;
}

function ListSkeleton() {
  return (
    <div role="status" aria-busy="true" aria-label={t`Loading the courses`}>
      {Array.from({ length: 5 }, (_, row) => (
        <div key={row} className="flex items-center gap-4 border-t border-line py-2.5">
          <Skeleton className="h-[50px] w-[88px] flex-none rounded-[6px]" />
          <Skeleton className="h-4 w-1/3" />
          <Skeleton className="ms-auto h-4 w-24" />
        </div>
      ))}
    </div>
  );
}
