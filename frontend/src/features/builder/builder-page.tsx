import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useCallback, useMemo, useState, useSyncExternalStore } from 'react';
import { Failure, Forbidden } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { useCan, useMe } from '@/lib/permissions';
import { cx } from '@/ui/cx';
import { SkipLink } from '@/ui/page';
import { Skeleton } from '@/ui/skeleton';
import { draftQuery, filmsQuery, previewQuery, type Draft } from './api';
import { BuilderContext, type Builder, type Outside } from './builder-context';
import { ConflictDialog } from './conflict-dialog';
import { CoursePanel } from './course-panel';
import { LessonEditor } from './lesson-editor';
import { overlaid } from './save-queue';
import { Outline } from './outline';
import { TopBar } from './top-bar';
import { useOutlineActs, useSaveQueue } from './use-draft';

export type BuilderView = 'course' | undefined;

interface BuilderPageProps {
  course: string;
  lesson: string | null;
  /** On a phone, what of the builder fills the page; on wide screens the course's own page is what stands beside the outline. */
  view: BuilderView;
  onNavigate: (to: { lesson?: string | undefined; view?: BuilderView }) => void;
  /** The way back to the list of courses. */
  backLink: (children: ReactNode, className: string) => ReactNode;
  outside: Outside;
}

/** A course being written: its outline, the lesson in hand, and what the lesson asks of learners. */
export function BuilderPage(props: BuilderPageProps) {
  const mayView = useCan('courses.view');
  const me = useMe();
  const draft = useQuery({ ...draftQuery(props.course), enabled: mayView });
  usePageTitle(draft.data?.course.title ?? t`Course`);
  if (mayView && me && draft.data) return <Loaded key={props.course} {...props} draft={draft.data} member={me.member.id} />;
  return (
    <main id="main" tabIndex={-1} className="min-h-dvh">
      <h1 className="sr-only" tabIndex={-1}>
        <Trans>Course</Trans>
      </h1>
      {!mayView || draft.isError ? (
        <div className="p-6 md:p-10">
          {mayView ? <Failure error={draft.error} onRetry={() => void draft.refetch()} compact /> : <Forbidden compact />}
          <p className="mt-6">{props.backLink(<Trans>Back to the courses</Trans>, 'font-medium text-link underline underline-offset-3')}</p>
        </div>
      ) : (
        <LoadingBuilder />
      )}
    </main>
  );
}

function Loaded({ course, lesson, view, onNavigate, backLink, outside, draft, member }: BuilderPageProps & { draft: Draft; member: string }) {
  const mayEdit = useCan('courses.edit') && draft.course.state !== 'archived';
  const mayLibrary = useCan('library.view');
  // Counts how often another's version was taken in: the editor of that lesson begins anew.
  const [takes, setTakes] = useState<Readonly<Record<string, number>>>({});
  const queue = useSaveQueue(
    course,
    member,
    useCallback((item: string) => setTakes((known) => ({ ...known, [item]: (known[item] ?? 0) + 1 })), []),
  );
  const status = useSyncExternalStore(queue.subscribe, queue.status);
  const acts = useOutlineActs(course, queue);
  const films = useQuery({ ...filmsQuery(''), enabled: mayLibrary });
  const preview = useQuery(previewQuery(course));
  const [renaming, setRenaming] = useState<string | null>(null);
  // `status` stands for everything the queue holds.
  // oxlint-disable-next-line react/exhaustive-deps
  const nodes = useMemo(() => draft.nodes.map((node) => overlaid(node, queue.pending(node.item))), [draft.nodes, queue, status]);
  const lengths = useMemo(() => new Map((films.data ?? []).flatMap((film) => (film.duration_ms ? [[film.id, film.duration_ms]] : []))), [films.data]);
  const changed = useMemo(() => new Set((preview.data?.changes ?? []).map((change) => change.item)), [preview.data]);
  const selected = nodes.find((node) => node.item === lesson && node.kind === 'lesson') ?? null;
  const open = (item: string | null) => onNavigate({ lesson: item ?? undefined });
  const builder: Builder = {
    course,
    draft,
    nodes,
    mayEdit,
    queue,
    outside,
    lengths,
    changed,
    selected: selected?.item ?? null,
    renaming,
    setRenaming,
    open,
    edit: (item, patch) => {
      const node = draft.nodes.find((each) => each.item === item);
      if (node) acts.edit(node, patch);
    },
    editBody: acts.editBody,
    add: acts.add,
    move: acts.move,
    remove: (node) => {
      if (selected && (node.item === selected.item || node.item === selected.parent)) open(null);
      acts.remove(node);
    },
  };
  const page = selected !== null || view === 'course';
  return (
    <BuilderContext value={builder}>
      <SkipLink>
        <Trans>Skip to the content</Trans>
      </SkipLink>
      <div className="flex h-dvh flex-col bg-canvas">
        <TopBar backLink={backLink} onOutline={page ? () => onNavigate({}) : null} onCourse={() => onNavigate({ view: 'course' })} />
        {/* Menus open inside the element `main`: it must never be hidden, as its halves are on a phone. */}
        <main id="main" tabIndex={-1} className="grid min-h-0 flex-1 grid-rows-[minmax(0,1fr)] outline-none md:grid-cols-[280px_minmax(0,1fr)] lg:grid-cols-[332px_minmax(0,1fr)]">
          <Outline className={cx(page && 'max-md:hidden')} courseOpen={selected === null} onCourse={() => onNavigate({ view: 'course' })} />
          <div className={cx('min-h-0 min-w-0 overflow-y-auto', !page && 'max-md:hidden')}>
            {selected ? <LessonEditor key={`${selected.item}:${takes[selected.item] ?? 0}`} node={selected} /> : <CoursePanel />}
          </div>
        </main>
      </div>
      {status.conflict ? <ConflictDialog conflict={status.conflict} /> : null}
    </BuilderContext>
  );
}

function LoadingBuilder() {
  return (
    <div role="status" aria-busy="true" aria-label={t`Loading the course`}>
      <div className="flex h-14 items-center gap-4 border-b border-line px-5">
        <Skeleton className="size-5" />
        <Skeleton className="h-5 w-56" />
        <Skeleton className="ms-auto h-7 w-24" />
      </div>
      <div className="grid md:grid-cols-[280px_minmax(0,1fr)] lg:grid-cols-[332px_minmax(0,1fr)]">
        <div className="grid content-start gap-4 bg-sunken p-5 md:min-h-[calc(100dvh-56px)]">
          {Array.from({ length: 9 }, (_, row) => (
            <Skeleton key={row} className={cx('h-5', row % 4 === 0 ? 'w-1/2' : 'ms-5 w-3/4')} />
          ))}
        </div>
        <div className="grid content-start gap-5 p-14 max-md:hidden">
          <Skeleton className="h-9 w-1/2" />
          <Skeleton className="h-40 w-full rounded-4" />
          <Skeleton className="h-4 w-full" />
          <Skeleton className="h-4 w-4/5" />
        </div>
      </div>
    </div>
  );
}
