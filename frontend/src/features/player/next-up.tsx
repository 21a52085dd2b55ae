import { t } from '@lingui/core/macro';
import { ArrowRight, RotateCcw } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Icon } from '@/ui/icon';
import { STAGE_PRIMARY, STAGE_QUIET } from './overlays';
import { usePlayer, usePlayerState } from './use-player';

const COUNTDOWN_SECONDS = 6;

export interface NextLesson {
  title: string;
  /** "13 min", "6 questions"; null when there is nothing to say. */
  detail: string | null;
  onGo: () => void;
}

interface NextUpProps {
  next: NextLesson | null;
  /** Shown when this was the last lesson. */
  finish: { title: string; label: string; onGo: () => void } | null;
}

const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** At the end of a video: what comes next, with a countdown that any key or press stops. */
export function NextUp({ next, finish }: NextUpProps) {
  const ended = usePlayerState('ended');
  if (!ended) return null;
  if (next) return <NextCard next={next} />;
  return finish ? <FinishCard finish={finish} /> : <ReplayOnly />;
}

function NextCard({ next }: { next: NextLesson }) {
  const player = usePlayer();
  const byItself = usePlayerState('continueByItself');
  const keysShown = usePlayerState('keysShown');
  const [left, setLeft] = useState(() => (byItself && !still() ? COUNTDOWN_SECONDS : null));
  const go = useRef<HTMLButtonElement>(null);
  const { onGo } = next;

  useEffect(() => {
    if (byItself && !still()) go.current?.focus({ preventScroll: true });
  }, [byItself]);
  useEffect(() => {
    if (left === null) return;
    if (left === 0) return onGo();
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left, onGo]);
  useEffect(() => {
    if (keysShown) setLeft(null);
  }, [keysShown]);
  useEffect(() => {
    // A person who looks elsewhere has not agreed to the next film.
    const stop = () => document.visibilityState === 'hidden' && setLeft(null);
    document.addEventListener('visibilitychange', stop);
    return () => document.removeEventListener('visibilitychange', stop);
  }, []);

  return (
    <Card label={t`Next lesson`} onEscape={() => setLeft(null)}>
      <p className="t-xs text-white/80">
        {[t`Next`, next.detail].filter(Boolean).join(' · ')}
        {left === null ? null : <span aria-hidden="true">{t`, in ${left} s`}</span>}
      </p>
      <p className="t-h3">{next.title}</p>
      <div className="mt-2 flex flex-wrap gap-2">
        <button ref={go} type="button" className={STAGE_PRIMARY} onClick={onGo}>
          {t`Next lesson`}
          <Icon as={ArrowRight} mirror />
        </button>
        {left === null ? (
          <Replay />
        ) : (
          <button type="button" className={STAGE_QUIET} onClick={() => setLeft(null)}>
            {t`Stay here`}
          </button>
        )}
      </div>
      <label className="mt-1 flex min-h-8 items-center gap-2 t-xs text-white/80 pointer-coarse:min-h-11">
        <input
          type="checkbox"
          checked={byItself}
          onChange={(event) => {
            player.setContinueByItself(event.currentTarget.checked);
            setLeft(null);
          }}
          className="size-4 accent-white"
        />
        {t`Go on by itself`}
      </label>
    </Card>
  );
}

function FinishCard({ finish }: { finish: NonNullable<NextUpProps['finish']> }) {
  return (
    <Card label={t`End of the course`}>
      <p className="t-h3">{finish.title}</p>
      <div className="mt-2 flex flex-wrap gap-2">
        <button type="button" className={STAGE_PRIMARY} onClick={finish.onGo}>
          {finish.label}
        </button>
        <Replay />
      </div>
    </Card>
  );
}

function ReplayOnly() {
  return (
    <Card label={t`End of the video`}>
      <Replay />
    </Card>
  );
}

function Replay() {
  const player = usePlayer();
  return (
    <button type="button" className={STAGE_QUIET} onClick={() => player.startOver()}>
      <Icon as={RotateCcw} />
      {t`Watch again`}
    </button>
  );
}

function Card({ label, onEscape, children }: { label: string; onEscape?: () => void; children: ReactNode }) {
  return (
    <section
      aria-label={label}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && onEscape) {
          event.stopPropagation();
          onEscape();
        }
      }}
      className="absolute inset-0 z-10 grid place-items-center overflow-auto bg-[rgb(13_15_18/0.93)] p-5 text-white animate-[fade_240ms_var(--ease-out)]"
    >
      <div className="grid w-full max-w-[420px] gap-1">{children}</div>
    </section>
  );
}
