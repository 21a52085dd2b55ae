import { Trans } from '@lingui/react/macro';
import { useMemo } from 'react';

/** Eight organizations of a picture: a name, a colour, how far they are (pixels from the start of their lane). */
const LANES = [
  { name: 'harbour-health', fill: '#C4185C', seen: 742, seed: 11 },
  { name: 'acme', fill: '#0B7A4C', seen: 509, seed: 23 },
  { name: 'globex', fill: '#E8B800', seen: 949, seed: 5 },
  { name: 'nordlys-rail', fill: '#1D5FD1', seen: 410, seed: 71 },
  { name: 'tui-training', fill: '#0F8F8C', seen: 671, seed: 42 },
  { name: 'casa-verde', fill: '#7A8F1A', seen: 851, seed: 3 },
  { name: 'lumo-schools', fill: '#E4572E', seen: 328, seed: 64 },
  { name: 'kestrel-aero', fill: '#46566A', seen: 778, seed: 97 },
] as const;

const START = 140;
const STEP = 34;
const PLAYHEAD = START + 509;
const WIDEST = 2600;

/** The same lane on every visit: a small generator instead of two hundred numbers. */
function segmentsOf(seed: number): { x: number; width: number }[] {
  let state = seed * 2654435761;
  const random = () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 3266489917) >>> 0;
    return state / 2 ** 32;
  };
  const segments = [];
  for (let x = START; x < WIDEST; ) {
    const width = Math.round(18 + 94 * random() ** 1.7);
    segments.push({ x, width });
    x += width + 3;
  }
  return segments;
}

/** The Track of eight organizations at once, each in its own colour and its own lane. The first carries the visitor's name. */
export function Lanes({ first }: { first: string }) {
  const lanes = useMemo(() => LANES.map((lane) => ({ ...lane, segments: segmentsOf(lane.seed) })), []);
  return (
    <figure className="border-y border-line bg-surface">
      <div className="overflow-hidden ps-4 pt-[18px] sm:ps-[max(48px,calc((100vw-1248px)/2))]">
        <svg width={WIDEST} height="284" aria-hidden="true" className="block max-w-none max-sm:-ms-0">
          {lanes.map((lane, row) => (
            <g key={lane.name} transform={`translate(0 ${14 + row * STEP})`}>
              <text y="15" className="fill-text-2 font-code text-[12.5px] font-medium tracking-[-0.01em]">
                {row === 0 && first ? first.slice(0, 16) : lane.name}
              </text>
              {lane.segments.map(({ x, width }) => {
                const filled = Math.min(width, START + lane.seen - x);
                return (
                  <g key={x}>
                    <rect x={x} width={width} height="20" rx="3" className="fill-track" opacity=".55" />
                    {filled > 0 ? <rect x={x} width={filled} height="20" rx="3" fill={lane.fill} /> : null}
                  </g>
                );
              })}
            </g>
          ))}
          <path d={`M${PLAYHEAD} 0V284`} className="stroke-text" strokeWidth="2" />
          <circle cx={PLAYHEAD} cy="58" r="7" className="fill-text stroke-surface" strokeWidth="3" />
        </svg>
      </div>
      <figcaption className="mx-auto max-w-[1344px] px-4 pt-3.5 pb-[26px] t-sm text-text-2 sm:px-12">
        <Trans>
          <strong className="font-semibold text-text">Eight organizations, one minute.</strong> Each lane is one schema. Nothing crosses.
        </Trans>
      </figcaption>
    </figure>
  );
}
