import type { ReactNode } from 'react';
import { cx } from './cx';

/** What happened to the Track in the picture. */
export type TrackCondition = 'empty' | 'error' | 'offline' | 'missing' | 'forbidden' | 'done';

const filled = { fill: 'var(--progress)', stroke: 'var(--progress-edge)' };
const rest = { fill: 'var(--track)' };

function Head({ x }: { x: number }) {
  return (
    <>
      <path d={`M${x} 6V50`} stroke="var(--text)" strokeWidth="2" />
      <circle cx={x} cy="28" r="7" fill="var(--text)" stroke="var(--canvas)" strokeWidth="3" />
    </>
  );
}

const PICTURES: Record<TrackCondition, ReactNode> = {
  // Nothing filled, the head at the very start.
  empty: (
    <>
      <rect x="14" y="20" width="74" height="16" rx="3" {...rest} />
      <rect x="91" y="20" width="52" height="16" rx="3" {...rest} />
      <rect x="146" y="20" width="96" height="16" rx="3" {...rest} />
      <rect x="245" y="20" width="42" height="16" rx="3" {...rest} />
      <rect x="290" y="20" width="62" height="16" rx="3" {...rest} />
      <Head x={14} />
    </>
  ),
  // One segment knocked out of line.
  error: (
    <>
      <rect x="8.5" y="20.5" width="59" height="15" rx="3" {...filled} />
      <rect x="71.5" y="20.5" width="49" height="15" rx="3" {...filled} />
      <g transform="rotate(9 150 28)">
        <rect x="128" y="20" width="44" height="16" rx="3" fill="var(--danger-mark)" />
      </g>
      <rect x="184" y="20" width="84" height="16" rx="3" {...rest} />
      <rect x="271" y="20" width="81" height="16" rx="3" {...rest} />
      <Head x={121} />
    </>
  ),
  // A dotted gap with the other side already filled.
  offline: (
    <>
      <rect x="8.5" y="20.5" width="80" height="15" rx="3" {...filled} />
      <rect x="91.5" y="20.5" width="44" height="15" rx="3" {...filled} />
      <path d="M144 28H214" stroke="var(--control)" strokeWidth="3" strokeDasharray="0.1 9" strokeLinecap="round" />
      <rect x="222.5" y="20.5" width="58" height="15" rx="3" {...filled} />
      <rect x="284" y="20" width="68" height="16" rx="3" {...rest} />
    </>
  ),
  // A dashed segment where something should be.
  missing: (
    <>
      <rect x="8.5" y="20.5" width="59" height="15" rx="3" {...filled} />
      <rect x="71.5" y="20.5" width="95" height="15" rx="3" {...filled} />
      <rect x="171" y="21" width="62" height="14" rx="3" fill="none" stroke="var(--control)" strokeWidth="1.5" strokeDasharray="4 4" />
      <rect x="238" y="20" width="60" height="16" rx="3" {...rest} />
      <rect x="301" y="20" width="51" height="16" rx="3" {...rest} />
    </>
  ),
  // A gate across the way.
  forbidden: (
    <>
      <rect x="8.5" y="20.5" width="72" height="15" rx="3" {...filled} />
      <rect x="84.5" y="20.5" width="58" height="15" rx="3" {...filled} />
      <rect x="153" y="10" width="6" height="36" rx="3" fill="var(--text)" />
      <rect x="170" y="20" width="70" height="16" rx="3" {...rest} />
      <rect x="243" y="20" width="48" height="16" rx="3" {...rest} />
      <rect x="294" y="20" width="58" height="16" rx="3" {...rest} />
    </>
  ),
  done: (
    <>
      <rect x="8.5" y="20.5" width="72" height="15" rx="3" {...filled} />
      <rect x="84.5" y="20.5" width="58" height="15" rx="3" {...filled} />
      <rect x="146.5" y="20.5" width="96" height="15" rx="3" {...filled} />
      <rect x="246.5" y="20.5" width="46" height="15" rx="3" {...filled} />
      <rect x="296.5" y="20.5" width="55" height="15" rx="3" {...filled} />
      <Head x={352} />
    </>
  ),
};

/** The picture of a state: the Track in that condition. Decorative; the heading beside it says the same. */
export function TrackPicture({ condition, className }: { condition: TrackCondition; className?: string }) {
  return (
    <svg
      viewBox="0 0 360 56"
      preserveAspectRatio="xMinYMid meet"
      aria-hidden="true"
      className={cx('-ms-2 h-auto w-[640px] max-w-[calc(100%+14px)] sm:-ms-3.5', className)}
    >
      {PICTURES[condition]}
    </svg>
  );
}
