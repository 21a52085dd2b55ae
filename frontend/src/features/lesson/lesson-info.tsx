import { Trans } from '@lingui/react/macro';
import { t } from '@lingui/core/macro';
import { ArrowLeft, ArrowRight, Check, CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Lesson, LessonNeighbour } from '@/api/learning';
import type { ItemProgress } from '@/lib/progress';
import { duration } from '@/lib/time';
import { Button } from '@/ui/button';
import { Icon } from '@/ui/icon';

/** What completes this lesson, and how far the reader is, in one plain sentence or two. */
export function RuleWords({ lesson, progress, seenPermille }: { lesson: Lesson; progress: ItemProgress; seenPermille: number }) {
  const seen = <b className="font-semibold text-text tabular-nums">{`${Math.floor(seenPermille / 10)}\u00a0%`}</b>;
  if (progress.state === 'completed') {
    return (
      <span className="inline-flex flex-wrap items-center gap-x-1.5">
        <Icon as={CircleCheck} className="text-success-text" />
        <b className="font-semibold text-text">
          <Trans>Completed.</Trans>
        </b>
        {lesson.video ? <Trans>You have seen {seen} of the video.</Trans> : null}
      </span>
    );
  }
  switch (lesson.rule.kind) {
    case 'watched': {
      const share = `${lesson.rule.permille / 10}\u00a0%`;
      return (
        <Trans>
          Completes at {share} watched. You have seen {seen}, counted once however often you replay it.
        </Trans>
      );
    }
    case 'manual':
      return <Trans>Mark it complete when you are done with it.</Trans>;
    default:
      return <Trans>Completes by opening it.</Trans>;
  }
}

interface MarkButtonProps {
  state: ItemProgress['state'];
  busy: boolean;
  onMark: () => void;
  wide?: boolean;
}

/** The learner's own mark, for the rule that leaves it to them. */
export function MarkButton({ state, busy, onMark, wide = false }: MarkButtonProps) {
  if (state === 'completed') {
    return (
      <span className="inline-flex h-(--ctl) items-center justify-center gap-2 px-2 font-[560] text-success-text">
        <Icon as={CircleCheck} /> <Trans>Completed</Trans>
      </span>
    );
  }
  return (
    <Button icon={<Icon as={Check} />} loading={busy} onClick={onMark} wide={wide}>
      {busy ? <Trans>Marking…</Trans> : <Trans>Mark complete</Trans>}
    </Button>
  );
}

export function neighbourDetail(lesson: LessonNeighbour | null): string | null {
  return lesson?.duration_ms ? duration(lesson.duration_ms) : null;
}

interface LessonNavProps {
  previous: LessonNeighbour | null;
  next: LessonNeighbour | null;
  link: (lesson: LessonNeighbour, children: ReactNode, props: { className: string }) => ReactNode;
}

/** Before and after, below the lesson on wide screens. */
export function LessonNav({ previous, next, link }: LessonNavProps) {
  const detail = neighbourDetail(next);
  return (
    <nav aria-label={t`Lessons`} className="mt-4 flex justify-between gap-4 border-t border-line pt-3.5">
      {previous ? (
        link(
          previous,
          <>
            <Icon as={ArrowLeft} mirror />
            <span className="min-w-0">
              <span className="block t-xs text-text-3">
                <Trans>Previous</Trans>
              </span>
              <span className="block truncate font-medium">{previous.title}</span>
            </span>
          </>,
          { className: 'flex min-w-0 items-center gap-3.5 rounded-2 text-[15px] leading-[21px] hover:underline' },
        )
      ) : (
        <span />
      )}
      {next
        ? link(
            next,
            <>
              <span className="min-w-0">
                <span className="block t-xs text-text-3">
                  <Trans>Next</Trans>
                  {detail ? ` · ${detail}` : null}
                </span>
                <span className="block truncate font-medium">{next.title}</span>
              </span>
              <Icon as={ArrowRight} mirror />
            </>,
            { className: 'flex min-w-0 items-center gap-3.5 rounded-2 text-end text-[15px] leading-[21px] hover:underline' },
          )
        : null}
    </nav>
  );
}

/** The bar of a phone: previous, mark, next. Always in reach of the thumb. */
export function LessonBottomBar({ previous, next, link, mark, finish }: LessonNavProps & { mark: ReactNode; finish: ReactNode }) {
  return (
    <nav
      aria-label={t`Lessons`}
      className="fixed inset-x-0 bottom-0 z-20 flex items-center gap-2 border-t border-line bg-surface px-4 pt-3 pb-[calc(20px+env(safe-area-inset-bottom))] lg:hidden"
    >
      {previous ? (
        link(
          previous,
          <>
            <Icon as={ArrowLeft} mirror />
            <span className="sr-only">
              <Trans>Previous lesson</Trans>
            </span>
          </>,
          { className: 'grid size-11 flex-none place-items-center rounded-2 border border-line-2 bg-surface shadow-e1' },
        )
      ) : (
        <span className="size-11 flex-none" />
      )}
      <span className="min-w-0 flex-1 text-center">{mark}</span>
      {next
        ? link(
            next,
            <>
              <Trans>Next</Trans>
              <Icon as={ArrowRight} mirror />
            </>,
            {
              className:
                'inline-flex h-11 flex-none items-center gap-2 rounded-2 border border-brand-edge bg-brand-solid px-[18px] font-[560] text-brand-on',
            },
          )
        : finish}
    </nav>
  );
}
