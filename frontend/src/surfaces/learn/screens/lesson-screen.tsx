import { Trans } from '@lingui/react/macro';
import { t } from '@lingui/core/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react';
import { learningKeys, lessonQuery, markComplete, outlineQuery, takeAnswer, type Lesson, type LessonNeighbour, type Outline } from '@/api/learning';
import { LessonBottomBar, LessonNav, MarkButton, neighbourDetail, RuleWords } from '@/features/lesson/lesson-info';
import { LessonTop } from '@/features/lesson/lesson-top';
import { blocksOf, neighbour } from '@/features/lesson/model';
import { OutlinePanel } from '@/features/lesson/outline-panel';
import { RichText } from '@/features/lesson/rich-text';
import { lessonGrants, loadCaptionText } from '@/features/player/api';
import { PlayerController } from '@/features/player/controller';
import { LessonPlayer } from '@/features/player/lesson-player';
import type { PlayerVideo } from '@/features/player/model';
import { watchedPermille } from '@/features/player/ranges';
import { onWatched, report } from '@/features/player/reports';
import { Reporter } from '@/features/player/reporter';
import { usePlayerState } from '@/features/player/use-player';
import { useItemProgress, type ItemProgress } from '@/lib/progress';
import { Button, buttonClass } from '@/ui/button';
import { cx } from '@/ui/cx';
import { Tabs } from '@/ui/tabs';
import { toast } from '@/ui/toast';
import { useTakeFocus } from '../heading-focus';
import { LessonFailure, LessonSkeleton } from './lesson-states';

const TranscriptPanel = lazy(async () => ({ default: (await import('@/features/player/transcript-panel')).TranscriptPanel }));

export type LessonPanel = 'outline' | 'transcript';

interface LessonScreenProps {
  enrollment: string;
  item: string;
  /** `?t=` in seconds. */
  time: number | null;
  panel: LessonPanel | undefined;
  onPanel: (panel: LessonPanel) => void;
}

/** A lesson: the film or the text, what completes it, the way on, and the course beside it. */
export function LessonScreen({ enrollment, item, time, panel, onPanel }: LessonScreenProps) {
  const outline = useQuery(outlineQuery(enrollment));
  const lesson = useQuery(lessonQuery(enrollment, item));
  const current = lesson.data?.item === item ? lesson.data : undefined;
  const course = outline.data?.course.id;
  useEffect(() => {
    if (current) document.title = outline.data ? `${current.title} · ${outline.data.course.title}` : current.title;
  }, [current, outline.data]);

  return (
    <div className="flex min-h-dvh flex-col">
      <LessonTop
        enrollment={enrollment}
        outline={outline.data}
        loading={outline.isPending}
        back={(children, props) =>
          course ? (
            <Link to="/courses/$course" params={{ course }} {...props}>
              {children}
            </Link>
          ) : (
            <Link to="/home" {...props}>
              {children}
            </Link>
          )
        }
      />
      {current ? (
        <LessonView
          key={`${current.item}/${current.video?.timeline_id ?? 'text'}`}
          enrollment={enrollment} lesson={current} outline={outline.data} time={time} panel={panel} onPanel={onPanel} />
      ) : lesson.error ? (
        <LessonFailure error={lesson.error} onRetry={() => void lesson.refetch()} />
      ) : (
        <LessonSkeleton />
      )}
    </div>
  );
}

interface LessonViewProps extends Omit<LessonScreenProps, 'item'> {
  lesson: Lesson;
  outline: Outline | undefined;
}

function LessonView(props: LessonViewProps) {
  return props.lesson.video ? <VideoLesson {...props} /> : <TextLesson {...props} />;
}

/** Everything both kinds of lesson need: neighbours, links, the mark. */
function useLesson({ enrollment, lesson, outline }: Pick<LessonViewProps, 'enrollment' | 'lesson' | 'outline'>) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const loaded: ItemProgress = { state: lesson.state, percent_permille: lesson.percent_permille, spans: lesson.video?.seconds ?? [] };
  const progress = useItemProgress(enrollment, lesson.item, loaded)!;
  const previous = neighbour(lesson.previous, outline);
  const next = neighbour(lesson.next, outline);
  const mark = useMutation({
    mutationFn: () => markComplete(enrollment, lesson.item),
    scope: { id: `progress:${enrollment}` },
    onSuccess: (answer) => {
      takeAnswer(enrollment, lesson.item, answer);
      void queries.invalidateQueries({ queryKey: learningKeys.enrollments, refetchType: 'none' });
    },
    onError: (error) => toast(error instanceof Error && 'detail' in error ? String(error.detail) : t`It could not be marked. Try again.`),
  });
  useTakeFocus();
  useOpened(lesson, progress.state, mark.mutate);
  const go = (to: LessonNeighbour | null) => {
    if (to) void navigate({ to: '/learn/$enrollment/$item', params: { enrollment, item: to.item } });
  };
  const link = (to: { item: string }, children: ReactNode, rest: { className: string; 'aria-current'?: 'page' }) => (
    <Link to="/learn/$enrollment/$item" params={{ enrollment, item: to.item }} {...rest}>
      {children}
    </Link>
  );
  const toCourse = () => {
    if (outline) void navigate({ to: '/courses/$course', params: { course: outline.course.id } });
  };
  const canMark = lesson.rule.kind === 'manual';
  const markButton = canMark ? <MarkButton state={progress.state} busy={mark.isPending} onMark={() => mark.mutate()} /> : null;
  return { progress, previous, next, go, link, markButton, toCourse, navigate };
}

/** How long a lesson is looked at before it counts as opened, in milliseconds. */
const OPENED_AFTER_MS = 2_000;

/** For the rule "completes by opening it": says so once, when the page has really been looked at. */
function useOpened(lesson: Lesson, state: ItemProgress['state'], complete: () => void): void {
  const due = lesson.rule.kind === 'viewed' && state !== 'completed';
  const act = useRef(complete);
  useEffect(() => {
    act.current = complete;
  });
  useEffect(() => {
    if (!due) return;
    const timer = setInterval(() => {
      if (document.visibilityState !== 'visible') return;
      clearInterval(timer);
      act.current();
    }, OPENED_AFTER_MS);
    return () => clearInterval(timer);
  }, [due]);
}

/** The lesson that was gone on to from the end of the one before: it plays at once, as a film goes on. */
let goesOnTo: string | null = null;

function VideoLesson(props: LessonViewProps) {
  const { enrollment, lesson, outline, time, panel, onPanel } = props;
  const { progress, previous, next, go, link, markButton, toCourse } = useLesson(props);
  // One film, one player, for as long as this is on the page: the lesson's id and its timeline are the key of it.
  const [video] = useState(() => playerVideo(lesson));
  const [player] = useState(
    () =>
      new PlayerController({
        video,
        grants: lessonGrants(enrollment, lesson.item),
        reporter: new Reporter({
          item: lesson.item,
          timeline: video.timelineId,
          placementNo: lesson.placement_no ?? outline?.enrollment.placement_no ?? 1,
          startAt: video.position,
          deliver: (beacon, leaving) => report(enrollment, beacon, leaving),
        }),
        requestedTime: time,
        onNext: null,
        onPrevious: null,
        loadText: loadCaptionText,
      }),
  );
  useEffect(() => player.update({ onNext: next ? () => go(next) : null, onPrevious: previous ? () => go(previous) : null }));
  useEffect(() => onWatched((item, watched) => item === lesson.item && player.mergeWatched(watched)), [player, lesson.item]);
  useEffect(() => {
    if (goesOnTo === lesson.item) void player.play();
    goesOnTo = null;
  }, [player, lesson.item]);
  const goOn = () => {
    goesOnTo = next?.item ?? null;
    go(next);
  };
  const watched = usePlayerState('watched', player);
  const theatre = usePlayerState('theatre', player);
  const seen = Math.max(watchedPermille(watched, video.duration), progress.state === 'completed' ? 0 : progress.percent_permille);
  const shownPanel = panel ?? (video.captions.length > 0 ? 'transcript' : 'outline');
  const finish = next ? null : { title: t`That was the last lesson of this course.`, label: t`Back to the course`, onGo: toCourse };

  return (
    <div className={cx('grid flex-1 pb-[84px] lg:pb-0', theatre ? 'lg:grid-cols-1' : 'lg:h-[calc(100dvh-60px)] lg:flex-none lg:grid-cols-[minmax(0,1fr)_384px] lg:grid-rows-[minmax(0,1fr)]')}>
      <main id="main" tabIndex={-1} className={cx('min-w-0 lg:p-5', theatre ? '' : 'lg:overflow-y-auto')}>
        <div className="max-lg:sticky max-lg:top-[52px] max-lg:z-10 max-lg:bg-stage">
          <div className={cx('mx-auto', theatre ? 'max-w-[calc((100dvh-180px)*16/9)]' : 'max-lg:landscape:max-w-[calc((100dvh-52px)*16/9)] lg:max-w-[calc((100dvh-60px-150px)*16/9)]')}>
            <LessonPlayer
              player={player}
              video={video}
              title={lesson.title}
              next={next ? { title: next.title, detail: neighbourDetail(next), onGo: goOn } : null}
              finish={finish}
              flush
            />
          </div>
        </div>
        <div className={cx('mx-auto px-4 pt-3.5 pb-3 lg:px-0 lg:pt-5', theatre ? 'max-w-[calc((100dvh-180px)*16/9)]' : 'lg:max-w-[calc((100dvh-60px-150px)*16/9)]')}>
          <div className="flex items-start justify-between gap-6">
            <div className="min-w-0 flex-1">
              <h1 tabIndex={-1} className="t-h2">
                {lesson.title}
              </h1>
              <p className="mt-1 t-sm text-text-2">
                <RuleWords lesson={lesson} progress={progress} seenPermille={seen} />
              </p>
            </div>
            <div className="hidden flex-none lg:block">{markButton}</div>
          </div>
          <Words lesson={lesson} className="mt-8" />
          <div className="max-lg:hidden">
            <LessonNav previous={previous} next={next} link={link} />
          </div>
        </div>
      </main>
      {theatre ? null : (
        <aside
          aria-label={t`Course and transcript`}
          className="flex h-[calc(100dvh-52px-min(56.25vw,100dvh-52px)-84px)] min-h-[320px] flex-col border-line bg-surface max-lg:border-t lg:h-auto lg:min-h-0 lg:border-s"
        >
          <Tabs
            label={t`Beside the video`}
            value={shownPanel}
            onChange={onPanel}
            className="flex min-h-0 flex-1 flex-col [&>[role=tablist]]:flex-none [&>[role=tablist]]:px-4 [&>[role=tablist]]:text-[15px] sm:[&>[role=tablist]]:px-5 [&_[role=tab]]:min-h-12"
            panelClassName="flex min-h-0 flex-1 flex-col data-[state=inactive]:hidden"
            tabs={[
              {
                value: 'outline',
                label: <Trans>Outline</Trans>,
                content: (
                  <div data-outline-scroll className="min-h-0 flex-1 overflow-y-auto px-5 pt-1">
                    {outline ? <OutlinePanel outline={outline} current={lesson.item} link={link} /> : null}
                  </div>
                ),
              },
              { value: 'transcript', label: <Trans>Transcript</Trans>, content: <Transcript player={player} /> },
            ]}
          />
        </aside>
      )}
      <LessonBottomBar
        previous={previous}
        next={next}
        link={link}
        mark={markButton}
        finish={
          <Button variant="primary" onClick={toCourse}>
            <Trans>Back to the course</Trans>
          </Button>
        }
      />
    </div>
  );
}

function TextLesson(props: LessonViewProps) {
  const { lesson, outline, enrollment } = props;
  const { progress, previous, next, link, markButton } = useLesson(props);
  useEffect(() => window.scrollTo({ top: 0 }), [lesson.item]);
  return (
    <div className="grid flex-1 pb-[84px] lg:grid-cols-[minmax(0,1fr)_384px] lg:pb-0">
      <main id="main" tabIndex={-1} className="min-w-0 px-4 py-7 sm:px-8 lg:py-12">
        <div className="mx-auto max-w-[68ch] text-[17px]">
          <h1 tabIndex={-1} className="t-h1">
            {lesson.title}
          </h1>
          <p className="mt-2 mb-8 t-sm text-text-2">
            <RuleWords lesson={lesson} progress={progress} seenPermille={progress.percent_permille} />
          </p>
          <Words lesson={lesson} />
          <div className="mt-10 max-lg:hidden">
            {markButton}
            <LessonNav previous={previous} next={next} link={link} />
          </div>
        </div>
      </main>
      <aside
        aria-label={t`Course`}
        data-outline-scroll
        className="border-line bg-surface px-5 pt-2 max-lg:border-t lg:sticky lg:top-[60px] lg:h-[calc(100dvh-60px)] lg:overflow-y-auto lg:border-s"
      >
        {outline ? <OutlinePanel outline={outline} current={lesson.item} link={link} /> : null}
      </aside>
      <LessonBottomBar
        previous={previous}
        next={next}
        link={link}
        mark={markButton}
        finish={
          outline ? (
            <Link to="/courses/$course" params={{ course: outline.course.id }} className={buttonClass('primary')} data-enrollment={enrollment}>
              <Trans>Back to the course</Trans>
            </Link>
          ) : null
        }
      />
    </div>
  );
}

/** Behind its tab: what a lesson begins with does not wait for it. */
function Transcript({ player }: { player: PlayerController }) {
  return (
    <Suspense fallback={null}>
      <TranscriptPanel player={player} />
    </Suspense>
  );
}

/** The text blocks of a lesson, in order. */
function Words({ lesson, className }: { lesson: Lesson; className?: string }) {
  const texts = blocksOf(lesson).filter((block) => block.kind === 'text');
  if (texts.length === 0) return null;
  return (
    <div className={cx('grid gap-6', className)}>
      {texts.map((block, index) => (
        <RichText key={index} html={block.html} />
      ))}
    </div>
  );
}

/** The lesson's video in the player's own terms: seconds, and an empty list for what is missing. */
function playerVideo(lesson: Lesson): PlayerVideo {
  const video = lesson.video!;
  return {
    assetId: video.asset_id,
    timelineId: video.timeline_id,
    duration: video.duration_ms / 1000,
    position: video.position_seconds,
    watched: video.seconds,
    captions: video.captions.map((track) => ({
      id: track.id,
      language: track.language,
      label: track.label,
      isDefault: track.is_default,
      url: track.url,
    })),
    posterUrl: video.poster_url,
    chapters: (video.chapters ?? []).map((chapter) => ({ start: chapter.start_ms === undefined ? (chapter.start ?? 0) : chapter.start_ms / 1000, title: chapter.title })),
  };
}
