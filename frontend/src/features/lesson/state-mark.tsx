import { Check } from 'lucide-react';
import type { ItemProgress } from '@/lib/progress';
import { Icon } from '@/ui/icon';

const RADIUS = 8.5;
const ROUND = 2 * Math.PI * RADIUS;

/** How far a lesson is: its number, a ring, or a tick. Decorative: the row says the same in words. */
export function StateMark({ progress, number }: { progress: ItemProgress; number: number }) {
  if (progress.state === 'completed') {
    return (
      <span
        aria-hidden="true"
        className="grid size-[22px] flex-none place-items-center rounded-full bg-brand-solid text-brand-on ring-1 ring-brand-edge ring-inset"
      >
        <Icon as={Check} size={12} />
      </span>
    );
  }
  if (progress.state === 'started') {
    const share = Math.max(0.04, progress.percent_permille / 1000);
    return (
      <svg viewBox="0 0 22 22" aria-hidden="true" className="size-[22px] flex-none -rotate-90 fill-none">
        <circle cx="11" cy="11" r={RADIUS} strokeWidth="3" className="stroke-track" />
        <circle
          cx="11"
          cy="11"
          r={RADIUS}
          strokeWidth="3"
          strokeDasharray={`${share * ROUND} ${ROUND}`}
          className="stroke-brand-edge transition-[stroke-dasharray] duration-[240ms]"
        />
      </svg>
    );
  }
  return (
    <span
      aria-hidden="true"
      className="grid size-[22px] flex-none place-items-center rounded-full text-[12px] leading-none font-[540] text-text-3 ring-1 ring-line-2 ring-inset"
    >
      {number}
    </span>
  );
}
