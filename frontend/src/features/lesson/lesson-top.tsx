import { t } from '@lingui/core/macro';
import { ArrowLeft } from 'lucide-react';
import { useSyncExternalStore, type ReactNode } from 'react';
import type { Outline } from '@/api/learning';
import { boot } from '@/lib/boot';
import { progressStore, useProgress } from '@/lib/progress';
import { Avatar } from '@/ui/avatar';
import { Icon } from '@/ui/icon';
import { BrandMark } from '@/ui/brand-mark';
import { Skeleton } from '@/ui/skeleton';
import { Track } from '@/ui/track';
import { courseTrack, lessonsOf } from './model';

interface LessonTopProps {
  enrollment: string;
  outline: Outline | undefined;
  /** The outline is on its way; without it and without this there is none to name. */
  loading: boolean;
  /** Wraps the arrow in a link back to the course. */
  back: (children: ReactNode, props: { className: string; 'aria-label': string }) => ReactNode;
}

/** The bar over a lesson: back, which course, how far. */
export function LessonTop({ enrollment, outline, loading, back }: LessonTopProps) {
  const progress = useProgress(enrollment, outline?.progress);
  useSyncExternalStore(progressStore.subscribe, () => progressStore.version());
  const { brand, me } = boot();
  const percent = Math.floor((progress?.percent_permille ?? 0) / 10);
  return (
    <header className="sticky top-0 z-30 flex h-[52px] items-center gap-1 border-b border-line bg-canvas px-2 sm:gap-4 sm:px-5 lg:h-[60px]">
      {back(<Icon as={ArrowLeft} size={18} mirror />, {
        className: 'grid size-11 flex-none place-items-center rounded-2 text-text-2 hover:bg-hover hover:text-text',
        'aria-label': t`Back to the course`,
      })}
      {outline ? (
        <span className="min-w-0 truncate font-semibold max-md:flex-1 md:max-w-[320px]">{outline.course.title}</span>
      ) : loading ? (
        <Skeleton className="h-5 w-52" />
      ) : null}
      {outline ? (
        <div className="hidden max-w-[420px] flex-1 md:ms-5 md:block">
          <Track
            label={t`${percent} % of the course done`}
            segments={courseTrack(lessonsOf(outline), (item) => progressStore.getItem(enrollment, item))}
          />
        </div>
      ) : null}
      {progress ? (
        <span className="flex-none pe-2 t-sm text-text-2 tabular-nums" aria-hidden="true">
          {percent}
          {'\u00a0'}%
        </span>
      ) : null}
      <span className="ms-auto hidden items-center gap-4 md:flex">
        <BrandMark name={brand.name} logo={brand.logo} size={26} />
        {me ? <Avatar name={me.member.name} /> : null}
      </span>
    </header>
  );
}
