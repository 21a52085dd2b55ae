import { t } from '@lingui/core/macro';
import { Skeleton } from '@/ui/skeleton';

/** A page of figures and two columns that is on its way. */
export function PageSkeleton() {
  return (
    <div role="status" aria-busy="true" aria-label={t`Loading`} className="grid gap-6">
      <Skeleton className="h-[74px]" />
      <div className="grid gap-10 lg:grid-cols-[minmax(0,1fr)_340px]">
        <div className="grid gap-8">
          <Skeleton className="h-32" />
          <Skeleton className="h-40" />
        </div>
        <div className="grid gap-8">
          <Skeleton className="h-32" />
          <Skeleton className="h-40" />
        </div>
      </div>
    </div>
  );
}
