import type { Effects } from './api';

/** What will happen, a line each, before it happens. */
export function EffectsList({ effects }: { effects: Effects['effects'] }) {
  return (
    <ul className="grid gap-1.5 text-text-2">
      {effects.map((effect) => (
        <li key={effect.code} className="flex gap-2.5">
          <span aria-hidden="true" className="mt-[9px] h-1 w-3 flex-none rounded-full bg-line-2" />
          <span className="min-w-0 wrap-anywhere">{effect.words}</span>
        </li>
      ))}
    </ul>
  );
}
