import { t } from '@lingui/core/macro';
import { Skeleton } from '@/ui/skeleton';

/** Rows of a table that are on their way, with the height they will have. */
export function RowsSkeleton({ rows = 10 }: { rows?: number }) {
  return (
    <div role="status" aria-busy="true" aria-label={t`Loading`}>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="flex h-(--row) items-center gap-6 border-b border-line">
          <Skeleton className="h-3.5 w-40" />
          <Skeleton className="h-3.5 w-28 max-sm:hidden" />
          <Skeleton className="h-3.5 w-16" />
          <Skeleton className="ms-auto h-3.5 w-14" />
        </div>
      ))}
    </div>
  );
}
