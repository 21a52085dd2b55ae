import { cx } from './cx';

/**
 * A still block with the geometry of what will come. Appears after 150 ms, so a quick answer never flashes one.
 * Decorative: put `aria-busy` and a label on the region that holds them.
 */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden="true" className={cx('block appear-late rounded-1 bg-hover', className ?? 'h-4 w-full')} />;
}

/** Lines of text that are on their way. */
export function SkeletonText({ lines = 3 }: { lines?: number }) {
  return (
    <span className="flex flex-col gap-2.5">
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} className={cx('h-3.5', line === lines - 1 ? 'w-3/5' : 'w-full')} />
      ))}
    </span>
  );
}
