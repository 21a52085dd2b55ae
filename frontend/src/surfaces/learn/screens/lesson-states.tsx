import { Trans } from '@lingui/react/macro';
import { t } from '@lingui/core/macro';
import { Link } from '@tanstack/react-router';
import { ApiError } from '@/api/errors';
import { Button, buttonClass } from '@/ui/button';
import { ErrorState } from '@/ui/error-state';
import { Skeleton, SkeletonText } from '@/ui/skeleton';
import { useHoldFocus } from '../heading-focus';

/** The geometry of a lesson while it is on its way. */
export function LessonSkeleton() {
  const heading = useHoldFocus();
  return (
    <main id="main" tabIndex={-1} aria-busy="true" className="grid flex-1 lg:h-[calc(100dvh-60px)] lg:grid-cols-[minmax(0,1fr)_384px]">
      <h1 ref={heading} tabIndex={-1} className="sr-only">
        <Trans>Loading the lesson</Trans>
      </h1>
      <div className="min-w-0 lg:p-5">
        <div className="mx-auto lg:max-w-[calc((100dvh-60px-150px)*16/9)]">
          <Skeleton className="aspect-video w-full sm:rounded-4" />
          <div className="grid gap-3 px-4 pt-5 lg:px-0">
            <Skeleton className="h-8 w-3/5" />
            <Skeleton className="h-5 w-2/5" />
          </div>
        </div>
      </div>
      <div className="grid content-start gap-6 border-line bg-surface p-5 lg:border-s">
        <Skeleton className="h-6 w-48" />
        <SkeletonText lines={3} />
        <SkeletonText lines={3} />
        <SkeletonText lines={2} />
      </div>
    </main>
  );
}

/** Why a lesson is not here, and the way on. */
export function LessonFailure({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const known = error instanceof ApiError ? error : null;
  const missing = known !== null && (known.status === 404 || known.status === 403);
  return (
    <main id="main" tabIndex={-1} className="mx-auto w-full max-w-[1240px] px-4 py-10 sm:px-8 sm:py-16">
      {missing ? (
        <ErrorState
          condition="missing"
          title={<Trans>This lesson is not here</Trans>}
          actions={
            <Link to="/home" className={buttonClass('primary')}>
              <Trans>Go to your courses</Trans>
            </Link>
          }
        >
          <Trans>It may have been taken out of the course, or your enrolment has ended. What you finished stays finished.</Trans>
        </ErrorState>
      ) : (
        <ErrorState
          condition={known?.status === 0 ? 'offline' : 'error'}
          title={<Trans>This lesson did not load</Trans>}
          actions={
            <Button variant="primary" onClick={onRetry}>
              <Trans>Load it again</Trans>
            </Button>
          }
          {...(known?.requestId
            ? { reference: { intro: t`If it stays, give your administrator this reference:`, text: known.requestId, copyLabel: t`Copy`, copiedLabel: t`Copied` } }
            : {})}
        >
          <Trans>Your place and everything you have seen are safe.</Trans> {known?.detail}
        </ErrorState>
      )}
    </main>
  );
}
