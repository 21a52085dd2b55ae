import { t } from '@lingui/core/macro';
import { lazy, Suspense, useCallback, useEffect, useRef, useState, type MouseEvent } from 'react';
import { cx } from '@/ui/cx';
import type { PlayerController } from './controller';
import { usePlayerKeys } from './keys';
import type { PlayerVideo } from './model';
import { NextUp, type NextLesson } from './next-up';
import { AudioStage, CaptionOverlay, FaultOverlay, ResumeNote, StartOverlay, WaitingOverlay } from './overlays';
import { StageElement } from './stage-element';
import { PlayerContext, usePlayer, usePlayerState } from './use-player';

const Controls = lazy(() => import('./controls'));
const KeysDialog = lazy(() => import('./keys-dialog'));

/** The controls leave this long after the last movement while a film runs. */
const HIDE_AFTER_MS = 3_000;
const HIDE_AFTER_LEAVING_MS = 600;

/** Someone at the keyboard or in one of the menus is still using the controls. */
function inUse(): boolean {
  const active = document.activeElement;
  const inside = active?.matches(':focus-visible') && active.closest('section[data-theme="dark"]');
  return Boolean(inside) || document.querySelector('[data-radix-menu-content]') !== null;
}

export interface LessonPlayerProps {
  player: PlayerController;
  video: PlayerVideo;
  title: string;
  next?: NextLesson | null;
  finish?: { title: string; label: string; onGo: () => void } | null;
  /** Edge to edge: phones and theatre. */
  flush?: boolean;
}

/**
 * The stage: picture, captions and our controls over a plain <video>. Always dark; the organization's colour in its
 * dark role marks what was seen. The transcript beside it is another view of the same `player`.
 */
export function LessonPlayer({ player, video, title, next = null, finish = null, flush = false }: LessonPlayerProps) {
  const element = useRef<HTMLVideoElement>(null);
  const [stage, setStage] = useState<HTMLElement | null>(null);
  usePlayerKeys(player, stage);
  useEffect(() => {
    if (!element.current || !stage) return;
    return player.attach(element.current, stage);
  }, [player, stage]);

  return (
    <PlayerContext value={player}>
      <StageElement value={stage}>
        <section
          ref={setStage}
          aria-label={t`Video: ${title}`}
          tabIndex={-1}
          data-theme="dark"
          data-brand={document.documentElement.dataset.brand}
          className={cx(
            '@container relative isolate aspect-video w-full overflow-hidden bg-stage font-sans text-white outline-none [&:fullscreen]:aspect-auto [&:fullscreen]:rounded-none',
            flush ? 'lg:rounded-4' : 'sm:rounded-4',
          )}
        >
          <video ref={element} playsInline preload="none" className="absolute inset-0 size-full bg-stage object-contain" />
          <StageFace video={video} title={title} />
          <NextUp next={next} finish={finish} />
          <FaultOverlay />
          <LiveWords />
        </section>
        <Keys />
      </StageElement>
    </PlayerContext>
  );
}

/** The list of keys, from the first time somebody asks for it. */
function Keys() {
  const shown = usePlayerState('keysShown');
  const [wanted, setWanted] = useState(false);
  if (shown && !wanted) setWanted(true);
  return wanted ? (
    <Suspense fallback={null}>
      <KeysDialog />
    </Suspense>
  ) : null;
}

/** What lies over the picture, and when it shows. */
function StageFace({ video, title }: { video: PlayerVideo; title: string }) {
  const phase = usePlayerState('phase');
  const audioOnly = usePlayerState('audioOnly');
  const { shown, wake, leave, hold } = useControls();
  const surface = useSurface(wake);
  const ready = phase === 'ready';
  return (
    <div
      className={cx('absolute inset-0', ready && !shown && 'cursor-none')}
      onPointerMove={(event) => event.pointerType === 'mouse' && wake()}
      onPointerLeave={leave}
      onFocusCapture={wake}
    >
      <div className="absolute inset-0" {...surface} />
      {audioOnly ? <AudioStage posterUrl={video.posterUrl} title={title} /> : null}
      <CaptionOverlay raised={shown} />
      <WaitingOverlay />
      <StartOverlay posterUrl={video.posterUrl} title={title} />
      <ResumeNote />
      {phase === 'idle' || phase === 'fault' ? null : (
        <div
          dir="ltr"
          className={cx(
            'absolute inset-x-0 bottom-0 bg-linear-to-t from-[rgb(6_8_10/0.86)] to-transparent px-3 pt-12 pb-0.5 transition-opacity duration-[160ms] @lg:px-[18px] @lg:pb-2.5',
            shown ? 'opacity-100' : 'pointer-events-none opacity-0',
          )}
          onPointerEnter={hold}
        >
          <Suspense fallback={<span className="block h-[66px]" />}>
            <Controls chapters={video.chapters} />
          </Suspense>
        </div>
      )}
    </div>
  );
}

/** Shown while paused, moved over, focused or opened; gone a moment after, while a film runs. */
function useControls() {
  const playing = usePlayerState('playing');
  const [awake, setAwake] = useState(true);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const clear = useCallback(() => {
    if (timer.current) clearTimeout(timer.current);
    timer.current = null;
  }, []);
  const wake = useCallback(() => {
    clear();
    setAwake(true);
    timer.current = setTimeout(() => {
      if (!inUse()) setAwake(false);
    }, HIDE_AFTER_MS);
  }, [clear]);
  const hold = useCallback(() => {
    clear();
    setAwake(true);
  }, [clear]);
  const leave = useCallback(() => {
    clear();
    timer.current = setTimeout(() => {
      if (!inUse()) setAwake(false);
    }, HIDE_AFTER_LEAVING_MS);
  }, [clear]);
  useEffect(() => {
    if (playing) wake();
    return clear;
  }, [playing, wake, clear]);
  return { shown: awake || !playing, wake, leave, hold };
}

/** The picture itself: a click plays or pauses, two go full screen; a finger shows the controls first. */
function useSurface(wake: () => void) {
  const player = usePlayer();
  return {
    onClick: (event: MouseEvent) => {
      // A finger asks for the controls; they hide again by themselves.
      if ((event.nativeEvent as PointerEvent).pointerType === 'touch') return wake();
      player.toggle();
    },
    onDoubleClick: () => void player.toggleFullscreen(),
  };
}

/** What changed, for those who cannot see it. */
function LiveWords() {
  const { said, words } = usePlayerState('announcement');
  return (
    <p aria-live="polite" className="sr-only">
      {/* Another node each time: the same words twice are said twice. */}
      <span key={said}>{words}</span>
    </p>
  );
}
