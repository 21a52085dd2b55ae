import { t } from '@lingui/core/macro';
import { ChevronDown, ChevronUp, Search } from 'lucide-react';
import { memo, useDeferredValue, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { Button } from '@/ui/button';
import { cx } from '@/ui/cx';
import { Icon } from '@/ui/icon';
import { Input } from '@/ui/input';
import { Skeleton } from '@/ui/skeleton';
import type { PlayerController } from './controller';
import { clock, spokenClock } from './model';
import { followAfter, hitNear, pieces, search, stepHit, type Follow, type Hit } from './transcript';
import { usePlayerState } from './use-player';
import { currentCueIndex, type Cue } from './vtt';

const STEP = 'grid size-8 flex-none place-items-center rounded-[6px] text-text-2 hover:bg-hover hover:text-text pointer-coarse:size-11';

/** The lesson in words: follows the voice, can be searched, and every line is a way into the film. */
export function TranscriptPanel({ player }: { player: PlayerController }) {
  const cues = usePlayerState('cues', player);
  const cuesState = usePlayerState('cuesState', player);
  const tracks = usePlayerState('tracks', player);
  const track = usePlayerState('track', player);
  if (cuesState === 'none') return <Said>{t`This lesson has no captions yet, so there is no transcript either.`}</Said>;
  if (cuesState === 'failed') {
    return (
      <Said>
        {t`The transcript did not load. The video is not affected.`}
        <Button size="sm" className="mt-3" onClick={() => track && player.chooseTrack(track)}>
          {t`Load it again`}
        </Button>
      </Said>
    );
  }
  if (cuesState === 'loading') {
    return (
      <div role="status" aria-busy="true" aria-label={t`Loading the transcript`} className="grid gap-5 px-5 py-5">
        {Array.from({ length: 6 }, (_, row) => (
          <Skeleton key={row} className="h-10" />
        ))}
      </div>
    );
  }
  if (cues.length === 0) return <Said>{t`The captions of this lesson are empty.`}</Said>;
  return <Transcript player={player} cues={cues} language={tracks.find((candidate) => candidate.id === track)?.language} />;
}

function Said({ children }: { children: ReactNode }) {
  return <div className="grid justify-items-start px-5 py-6 t-sm text-text-2">{children}</div>;
}

function Transcript({ player, cues, language }: { player: PlayerController; cues: readonly Cue[]; language: string | undefined }) {
  const current = useCurrentCue(player, cues);
  const [follow, setFollow] = useState<Follow>('following');
  const [query, setQuery] = useState('');
  const [hit, setHit] = useState(-1);
  const wanted = useDeferredValue(query);
  const hits = useMemo(() => search(cues, wanted), [cues, wanted]);
  const list = useRef<HTMLOListElement>(null);

  const show = (index: number, behavior: ScrollBehavior = 'smooth') => scrollToCue(list.current, index, behavior);
  const goToHit = (index: number) => {
    setHit(index);
    setFollow((state) => followAfter(state, 'stepped-to-hit'));
    if (hits[index]) show(hits[index].cue);
  };
  useEffect(() => {
    // A new search begins at the hit nearest to the voice.
    const first = hitNear(hits, currentCueIndex(cues, player.state().time));
    setHit(first);
    if (first >= 0) {
      setFollow((state) => followAfter(state, 'stepped-to-hit'));
      scrollToCue(list.current, hits[first]!.cue, 'auto');
    }
    // The voice moving on must not pull the reader along: where it is now is only looked up.
  }, [hits, cues, player]);
  useEffect(() => {
    if (follow === 'following' && current >= 0) scrollToCue(list.current, current, 'smooth');
  }, [current, follow]);

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="px-4 pt-2.5 pb-1 sm:px-5 sm:pt-3.5 sm:pb-2" role="search">
        <Input
          quiet
          type="search"
          aria-label={t`Search the transcript`}
          placeholder={t`Search the transcript`}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && hits.length > 0) {
              event.preventDefault();
              goToHit(stepHit(hits, hit, event.shiftKey ? -1 : 1));
            }
            if (event.key === 'Escape' && query) {
              event.preventDefault();
              setQuery('');
            }
          }}
          className="h-10! pe-1! text-[14px] pointer-coarse:h-11! [&_input::-webkit-search-cancel-button]:hidden"
          start={<Icon as={Search} />}
          end={
            wanted.trim() === '' ? null : (
              <>
                <span className="flex-none t-xs text-text-3 tabular-nums" role="status">
                  {hits.length === 0 ? t`No hits` : t`${hit + 1} of ${hits.length}`}
                </span>
                {hits.length === 0 ? null : (
                  <span className="flex flex-none">
                    <button type="button" className={STEP} aria-label={t`Previous hit`} onClick={() => goToHit(stepHit(hits, hit, -1))}>
                      <Icon as={ChevronUp} />
                    </button>
                    <button type="button" className={STEP} aria-label={t`Next hit`} onClick={() => goToHit(stepHit(hits, hit, 1))}>
                      <Icon as={ChevronDown} />
                    </button>
                  </span>
                )}
              </>
            )
          }
        />
      </div>
      <div className="relative min-h-0 flex-1">
        <ol
          ref={list}
          lang={language}
          aria-label={t`Transcript`}
          tabIndex={-1}
          className="absolute inset-0 overflow-y-auto overscroll-contain p-1 outline-none sm:px-2"
          onWheel={() => setFollow((state) => followAfter(state, 'reader-scrolled'))}
          onTouchMove={() => setFollow((state) => followAfter(state, 'reader-scrolled'))}
          onKeyDown={(event) => {
            if (['PageUp', 'PageDown'].includes(event.key)) setFollow((state) => followAfter(state, 'reader-scrolled'));
          }}
        >
          {cues.map((cue, index) => (
            <Line
              key={`${cue.start}-${index}`}
              cue={cue}
              index={index}
              current={index === current}
              hits={hits}
              hit={hits[hit]?.cue === index ? hit : null}
              onPick={(picked) => {
                player.seek(picked.start);
                void player.play();
                setFollow((state) => followAfter(state, 'picked-line'));
              }}
            />
          ))}
        </ol>
        {follow === 'reading' && current >= 0 ? (
          <div className="pointer-events-none absolute inset-x-0 bottom-3 grid place-items-center">
            <Button
              size="sm"
              className="pointer-events-auto shadow-e2!"
              onClick={() => {
                setFollow((state) => followAfter(state, 'back-to-now'));
                show(current);
              }}
            >
              {t`Back to now`}
            </Button>
          </div>
        ) : null}
      </div>
    </div>
  );
}

interface LineProps {
  cue: Cue;
  index: number;
  current: boolean;
  hits: readonly Hit[];
  hit: number | null;
  onPick: (cue: Cue) => void;
}

/** One line. `content-visibility` leaves the layout of a three-hour transcript to what is on screen. */
const Line = memo(
  function Line({ cue, index, current, hits, hit, onPick }: LineProps) {
    return (
      <li className="[content-visibility:auto] [contain-intrinsic-size:auto_62px]">
        <button
          type="button"
          data-cue={index}
          aria-current={current ? 'true' : undefined}
          onClick={() => onPick(cue)}
          className={cx(
            'flex w-full gap-3.5 rounded-2 px-3 py-2 text-start text-[15px] leading-[23px] focus-visible:-outline-offset-2',
            current ? 'bg-brand-soft font-[540]' : 'text-text-2 hover:bg-hover',
          )}
        >
          <span
            className={cx('w-[42px] flex-none text-[13px] tabular-nums', current ? 'font-[560] text-brand-soft-text' : 'text-text-3')}
          >
            <span aria-hidden="true">{clock(cue.start)}</span>
            <span className="sr-only">{spokenClock(cue.start)}</span>
          </span>
          <span className="min-w-0">
            {pieces(cue.text, index, hits).map((piece, at) =>
              piece.hit === null ? (
                piece.text
              ) : (
                <mark
                  key={at}
                  className={cx('border-b-2 border-brand-edge bg-transparent text-inherit', piece.hit === hit && 'rounded-[2px] bg-brand-soft ring-2 ring-brand-edge')}
                >
                  {piece.text}
                </mark>
              ),
            )}
          </span>
        </button>
      </li>
    );
  },
  (before, after) =>
    before.cue === after.cue && before.current === after.current && before.hits === after.hits && before.hit === after.hit,
);

/** The line being spoken; renders only when it changes, not with every tick of the clock. */
function useCurrentCue(player: PlayerController, cues: readonly Cue[]): number {
  const [current, setCurrent] = useState(() => currentCueIndex(cues, player.state().time));
  useEffect(() => {
    const read = () => setCurrent(currentCueIndex(cues, player.state().time));
    read();
    return player.subscribe(read);
  }, [player, cues]);
  return current;
}

/** Scrolls the list itself, never the page: the line comes to the upper third. */
function scrollToCue(list: HTMLElement | null, index: number, behavior: ScrollBehavior): void {
  const line = list?.querySelector<HTMLElement>(`[data-cue="${index}"]`);
  if (!list || !line) return;
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const top = line.getBoundingClientRect().top - list.getBoundingClientRect().top + list.scrollTop - list.clientHeight / 3;
  list.scrollTo({ top, behavior: calm ? 'auto' : behavior });
}
