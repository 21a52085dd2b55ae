import { Plural, Trans } from '@lingui/react/macro';
import { Clock, ListVideo } from 'lucide-react';
import { duration } from '@/lib/time';
import { Icon } from '@/ui/icon';

/** How long, how many: the plain facts under a course's title. */
export function CourseFacts({ durationMs, lessons }: { durationMs: number; lessons: number }) {
  return (
    <ul className="flex flex-wrap gap-x-6 gap-y-2.5 t-sm text-text-2">
      {durationMs > 0 ? (
        <li className="flex items-center gap-2">
          <Icon as={Clock} />
          <Trans>{duration(durationMs)} of video</Trans>
        </li>
      ) : null}
      <li className="flex items-center gap-2">
        <Icon as={ListVideo} />
        <Plural value={lessons} one="# lesson" other="# lessons" />
      </li>
    </ul>
  );
}
