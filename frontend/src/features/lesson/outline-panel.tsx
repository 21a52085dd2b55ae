import { t } from '@lingui/core/macro';
import { FileText } from 'lucide-react';
import { useEffect, useRef, useSyncExternalStore, type ReactNode } from 'react';
import type { Outline, OutlineLesson } from '@/api/learning';
import { progressStore, type ItemProgress } from '@/lib/progress';
import { clock } from '@/lib/time';
import { cx } from '@/ui/cx';
import { Icon } from '@/ui/icon';
import { progressOf } from './model';
import { StateMark } from './state-mark';

interface OutlinePanelProps {
  outline: Outline;
  /** The lesson being looked at; its row is marked and brought into view. */
  current: string | null;
  /** Wraps a row in a link to its lesson; null where rows lead nowhere (not enrolled yet). */
  link: ((lesson: OutlineLesson, children: ReactNode, props: { className: string; 'aria-current'?: 'page' }) => ReactNode) | null;
  headingLevel?: 2 | 3;
  className?: string;
}

/** The way through the course: modules, lessons, how far each is. The same list beside the player and on the course page. */
export function OutlinePanel({ outline, current, link, headingLevel = 2, className }: OutlinePanelProps) {
  const enrollment = outline.enrollment.id;
  // One subscription for the list: rows read the newest of each lesson.
  useSyncExternalStore(progressStore.subscribe, () => progressStore.version());
  const Heading = `h${headingLevel}` as const;
  const currentRow = useRef<HTMLLIElement>(null);
  useEffect(() => {
    // Only a list that scrolls by itself is moved, never the page under the reader.
    const row = currentRow.current;
    const list = row?.closest<HTMLElement>('[data-outline-scroll]');
    if (!row || !list || list.scrollHeight <= list.clientHeight) return;
    list.scrollTop += row.getBoundingClientRect().top - list.getBoundingClientRect().top - list.clientHeight / 3;
  }, [current]);
  let number = 0;
  return (
    <ol className={className}>
      {outline.modules.map((module) => {
        const states = module.lessons.map((lesson) => progressOf(lesson, (item) => progressStore.getItem(enrollment, item)));
        const done = states.filter((state) => state.state === 'completed').length;
        return (
          <li key={module.item} className="border-t border-line-2 pb-2 first:border-t-0 last:pb-6">
            <div className="flex items-baseline justify-between gap-4 pt-[18px] pb-2">
              <Heading className="t-h4">{module.title}</Heading>
              <span className="flex-none t-xs text-text-3 tabular-nums">
                <span aria-hidden="true">{t`${done} of ${module.lessons.length}`}</span>
                <span className="sr-only">{t`${done} of ${module.lessons.length} lessons done`}</span>
              </span>
            </div>
            <ol>
              {module.lessons.map((lesson, index) => {
                number += 1;
                const isCurrent = lesson.item === current;
                const row = <Row lesson={lesson} progress={states[index]!} number={number} current={isCurrent} />;
                const props = {
                  className: cx(
                    'flex min-h-12 items-center gap-3.5 rounded-2 px-3 py-1.5 -outline-offset-2',
                    isCurrent ? 'bg-brand-soft text-text' : link && 'hover:bg-hover',
                  ),
                  ...(isCurrent ? { 'aria-current': 'page' as const } : {}),
                };
                return (
                  <li key={lesson.item} ref={isCurrent ? currentRow : null} className="-mx-3 scroll-my-16">
                    {link ? link(lesson, row, props) : <div {...props}>{row}</div>}
                  </li>
                );
              })}
            </ol>
          </li>
        );
      })}
    </ol>
  );
}

function Row({ lesson, progress, number, current }: { lesson: OutlineLesson; progress: ItemProgress; number: number; current: boolean }) {
  return (
    <>
      <StateMark progress={progress} number={number} />
      <span className={cx('min-w-0 flex-1', current && 'font-[560]')}>
        {lesson.title}
        <span className="sr-only">{stateWords(progress)}</span>
      </span>
      {lesson.required ? null : <span className="flex-none t-xs text-text-3">{t`Optional`}</span>}
      {lesson.duration_ms ? (
        <span className={cx('flex-none t-sm tabular-nums', current ? 'text-text-2' : 'text-text-3')}>{clock(lesson.duration_ms / 1000)}</span>
      ) : (
        <Icon as={FileText} className={cx('flex-none', current ? 'text-text-2' : 'text-text-3')} />
      )}
    </>
  );
}

function stateWords(progress: ItemProgress): string {
  if (progress.state === 'completed') return t`, completed`;
  if (progress.state === 'started') return t`, ${Math.floor(progress.percent_permille / 10)} % done`;
  return '';
}
