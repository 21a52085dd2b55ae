import { t } from '@lingui/core/macro';
import { useId, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { cx } from '@/ui/cx';
import { chapterAt, clock, segments, spokenClock, type Chapter } from './model';
import { fractions } from './ranges';
import { usePlayer, usePlayerState } from './use-player';

const SMALL_STEP = 5;
const LARGE_STEP = 60;

interface Band {
  start: number;
  size: number;
}

/** The part of a whole-bar band that lies in one segment, in percent of the segment. */
function within(bands: readonly Band[], from: number, to: number): { left: string; width: string }[] {
  return bands
    .map(({ start, size }) => [Math.max(start, from), Math.min(start + size, to)] as const)
    .filter(([a, b]) => b > a)
    .map(([a, b]) => ({ left: `${((a - from) / (to - from)) * 100}%`, width: `${((b - a) / (to - from)) * 100}%` }));
}

/**
 * The time bar is the Track: brand where seconds were really seen, gaps where not, a lighter band where bytes are
 * already here, a notch between chapters. Time runs left to right in every language.
 */
export function Scrubber({ chapters }: { chapters: readonly Chapter[] }) {
  const player = usePlayer();
  const time = usePlayerState('time');
  const duration = usePlayerState('duration');
  const available = usePlayerState('available');
  const watched = usePlayerState('watched');
  const buffered = usePlayerState('buffered');
  const [dragged, setDragged] = useState<number | null>(null);
  const [hover, setHover] = useState<number | null>(null);
  const bar = useRef<HTMLDivElement>(null);
  const tip = useId();

  const length = duration || 1;
  const shown = dragged ?? time;
  const spoken = spokenClock(shown);
  const whole = spokenClock(duration);
  const reached = spokenClock(available);
  const seen = fractions(watched, length);
  const here = fractions(buffered, length);
  const parts = segments(chapters, length);

  const secondsAt = (event: PointerEvent) => {
    const box = bar.current!.getBoundingClientRect();
    const share = box.width > 0 ? (event.clientX - box.left) / box.width : 0;
    return Math.min(1, Math.max(0, share)) * length;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = {
      ArrowLeft: time - SMALL_STEP,
      ArrowDown: time - SMALL_STEP,
      ArrowRight: time + SMALL_STEP,
      ArrowUp: time + SMALL_STEP,
      PageDown: time - LARGE_STEP,
      PageUp: time + LARGE_STEP,
      Home: 0,
      End: duration,
    };
    const target = moves[event.key];
    if (target === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    player.seek(target);
  };

  const tipAt = dragged ?? hover;
  const tipChapter = tipAt === null ? null : chapterAt(chapters, tipAt);
  return (
    <div
      ref={bar}
      role="slider"
      tabIndex={0}
      aria-label={t`Time`}
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={Math.floor(duration)}
      aria-valuenow={Math.floor(shown)}
      aria-valuetext={t`${spoken} of ${whole}`}
      aria-describedby={tip}
      className="group/scrub relative flex h-[22px] touch-none items-center rounded-1 focus-visible:outline-white pointer-coarse:h-8"
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setDragged(secondsAt(event));
      }}
      onPointerMove={(event) => {
        setHover(secondsAt(event));
        if (dragged !== null) setDragged(secondsAt(event));
      }}
      onPointerUp={(event) => {
        if (dragged !== null) player.seek(secondsAt(event));
        setDragged(null);
        if (event.pointerType !== 'mouse') setHover(null);
      }}
      onPointerCancel={() => setDragged(null)}
      onPointerLeave={() => setHover(null)}
    >
      <span className="sr-only" id={tip}>
        {available < duration - 1 ? t`Ready up to ${reached}; the rest is being prepared.` : ''}
      </span>
      <div className="flex h-1.5 w-full gap-[2px] transition-[height] duration-[90ms] group-hover/scrub:h-2">
        {parts.map((part) => {
          const from = part.from / length;
          const to = part.to / length;
          return (
            <span
              key={part.from}
              style={{ flex: `${part.to - part.from} 1 0` }}
              className="relative min-w-0.5 overflow-hidden rounded-[1.5px] bg-white/26 first:rounded-s-full last:rounded-e-full"
            >
              {available < duration - 1 ? (
                <Bands bands={[{ start: available / length, size: 1 - available / length }]} from={from} to={to} className="bg-[rgb(0_0_0/0.45)]" />
              ) : null}
              <Bands bands={here} from={from} to={to} className="bg-white/30" />
              <Bands bands={seen} from={from} to={to} className="bg-brand-solid" />
            </span>
          );
        })}
      </div>
      <span
        aria-hidden="true"
        style={{ left: `${(Math.min(shown, length) / length) * 100}%` }}
        className="pointer-events-none absolute -ml-[7.5px] size-[15px] rounded-full bg-white shadow-[0_1px_4px_rgb(0_0_0/0.5)]"
      />
      {tipAt === null ? null : (
        <span
          aria-hidden="true"
          style={{ left: `clamp(44px, ${(tipAt / length) * 100}%, calc(100% - 44px))` }}
          className="pointer-events-none absolute bottom-full mb-1.5 max-w-[240px] -translate-x-1/2 truncate rounded-[6px] bg-night px-2 py-1 text-[13px] leading-[18px] text-night-text ring-1 ring-white/10"
        >
          <b className="font-[560] tabular-nums">{clock(tipAt)}</b>
          {tipAt > available + 0.5 ? ` · ${t`being prepared`}` : tipChapter ? ` · ${tipChapter.title}` : null}
        </span>
      )}
    </div>
  );
}

function Bands({ bands, from, to, className }: { bands: readonly Band[]; from: number; to: number; className: string }) {
  return within(bands, from, to).map((style) => <i key={style.left} style={style} className={cx('absolute inset-y-0', className)} />);
}
