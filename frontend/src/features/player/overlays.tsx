import { t } from '@lingui/core/macro';
import { AudioLines, CloudOff, Play } from 'lucide-react';
import type { ReactNode } from 'react';
import { Icon } from '@/ui/icon';
import { Spinner } from '@/ui/spinner';
import { clock, faultWords } from './model';
import { usePlayer, usePlayerState } from './use-player';

export const STAGE_BUTTON =
  'inline-flex h-11 items-center justify-center gap-2 rounded-2 px-4 text-[15px] leading-5 font-[560] whitespace-nowrap focus-visible:outline-white';
export const STAGE_PRIMARY = `${STAGE_BUTTON} bg-white text-[#14171c] hover:bg-white/88`;
export const STAGE_QUIET = `${STAGE_BUTTON} bg-white/14 text-white hover:bg-white/22`;

/** The face of a video before its first frame; the only picture most visits need to paint first. */
export function Poster({ url, children }: { url: string | null; children?: ReactNode }) {
  return (
    <div className="absolute inset-0 overflow-hidden bg-stage">
      {url ? <img src={url} alt="" fetchPriority="high" decoding="async" className="size-full object-contain" /> : null}
      {children}
    </div>
  );
}

/** Before the first play: the poster and one large button that says where it will begin. */
export function StartOverlay({ posterUrl, title }: { posterUrl: string | null; title: string }) {
  const player = usePlayer();
  const phase = usePlayerState('phase');
  const time = usePlayerState('time');
  const playing = usePlayerState('playing');
  const resumedAt = usePlayerState('resumedAt');
  const at = clock(time);
  if (phase === 'ready' || phase === 'fault' || playing) return null;
  return (
    <Poster url={posterUrl}>
      {phase === 'idle' ? (
        <button
          type="button"
          className="absolute inset-0 grid w-full place-items-center focus-visible:outline-white focus-visible:-outline-offset-4"
          onPointerEnter={() => player.warm()}
          onFocus={() => player.warm()}
          onClick={(event) => {
            // The button goes away with the poster: the stage takes the focus, so that the keyboard is still here.
            event.currentTarget.closest('section')?.focus({ preventScroll: true });
            void player.play();
          }}
        >
          <span className="flex flex-col items-center gap-3">
            <span className="sr-only">{t`Play ${title}`}</span>
            <span className="grid size-[72px] place-items-center rounded-full bg-white text-[#14171c] shadow-[0_4px_24px_rgb(0_0_0/0.4)]">
              <Play aria-hidden="true" size={30} strokeWidth={1} className="ml-1 fill-current" />
            </span>
            {time >= 1 ? (
              <span className="rounded-[6px] bg-[rgb(8_10_12/0.84)] px-2.5 py-1 text-[14px] leading-5 text-white">
                {resumedAt === null ? t`Play from ${at}` : t`Continue at ${at}`}
              </span>
            ) : null}
          </span>
        </button>
      ) : null}
    </Poster>
  );
}

/** An audio lesson: its picture stays, with a word so that nobody waits for a film. */
export function AudioStage({ posterUrl, title }: { posterUrl: string | null; title: string }) {
  return (
    <Poster url={posterUrl}>
      <div className="absolute inset-0 grid place-items-center p-6 text-center">
        <div className="grid justify-items-center gap-2 rounded-3 bg-[rgb(8_10_12/0.72)] px-5 py-4 text-white">
          <Icon as={AudioLines} size={24} />
          <p className="t-h4">{title}</p>
          <p className="t-xs text-white/80">{t`Audio only`}</p>
        </div>
      </div>
    </Poster>
  );
}

/** Waiting for bytes: a spinner, and after eight seconds a word about why. */
export function WaitingOverlay() {
  const waiting = usePlayerState('waiting');
  const slow = usePlayerState('slow');
  const autoQuality = usePlayerState('autoQuality');
  const fault = usePlayerState('fault');
  if (!waiting || fault) return null;
  return (
    <div className="pointer-events-none absolute inset-0 grid place-items-center" role="status">
      <span className="flex items-center gap-3 rounded-[10px] bg-[rgb(8_10_12/0.72)] px-4 py-3 text-[14px] leading-5 text-white appear-late">
        <Spinner className="size-5!" />
        {slow ? autoQuality ? t`Slow connection, lowering quality` : t`Slow connection` : <span className="sr-only">{t`Loading`}</span>}
      </span>
    </div>
  );
}

/** What happened, what is safe, one way on. */
export function FaultOverlay() {
  const player = usePlayer();
  const fault = usePlayerState('fault');
  const time = usePlayerState('time');
  if (!fault) return null;
  const words = faultWords(fault, time);
  return (
    <div role="alert" className="absolute inset-0 z-10 grid place-items-center overflow-auto bg-[rgb(13_15_18/0.94)] p-5 text-white">
      <div className="grid max-w-[420px] justify-items-start gap-2">
        <Icon as={CloudOff} size={24} className="text-white/80" />
        <p className="t-h4">{words.title}</p>
        <p className="t-sm text-white/80">{words.detail}</p>
        {words.action ? (
          <button
            type="button"
            className={`${STAGE_PRIMARY} mt-2`}
            onClick={() => (fault === 'signed-out' ? location.reload() : void player.retry())}
          >
            {words.action}
          </button>
        ) : null}
      </div>
    </div>
  );
}

/** "Resumed at 12:34 · Start over", for the first seconds after a return. */
export function ResumeNote() {
  const player = usePlayer();
  const resumedAt = usePlayerState('resumedAt');
  const phase = usePlayerState('phase');
  if (resumedAt === null || phase !== 'ready') return null;
  const at = clock(resumedAt);
  return (
    <div className="absolute end-2 top-2 z-10 animate-[rise_240ms_var(--ease-out)] @lg:end-4 @lg:top-4">
      <div
        role="status"
        className="flex h-10 items-center gap-3 rounded-[10px] bg-night ps-4 pe-1.5 text-[14px] leading-5 whitespace-nowrap text-night-text shadow-[0_12px_32px_rgb(0_0_0/0.35)] ring-1 ring-white/10 @lg:h-11"
      >
        {t`Resumed at ${at}`}
        <button
          type="button"
          className="h-8 rounded-[6px] bg-white/12 px-2.5 font-[560] hover:bg-white/20 focus-visible:outline-white pointer-coarse:relative pointer-coarse:before:absolute pointer-coarse:before:-inset-1.5"
          onClick={() => player.startOver()}
        >
          {t`Start over`}
        </button>
      </div>
    </div>
  );
}

/** Our own captions, so that neither browser style sheets nor injected ones are needed. */
export function CaptionOverlay({ raised }: { raised: boolean }) {
  const caption = usePlayerState('caption');
  if (caption === '') return null;
  return (
    <p
      aria-hidden="true"
      className={`pointer-events-none absolute inset-x-[4%] text-center text-[14px] leading-[22px] font-medium text-balance whitespace-pre-line text-white transition-[bottom] duration-[160ms] @lg:inset-x-[8%] @lg:text-[20px] @lg:leading-8 ${raised ? 'bottom-[76px] @lg:bottom-[92px]' : 'bottom-4 @lg:bottom-6'}`}
    >
      <span className="rounded-[5px] bg-[rgb(8_10_12/0.84)] box-decoration-clone px-2.5 py-1">{caption}</span>
    </p>
  );
}
