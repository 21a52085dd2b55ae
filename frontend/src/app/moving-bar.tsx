import { Plural, Trans } from '@lingui/react/macro';
import { CloudUpload } from 'lucide-react';
import { useEffect, useSyncExternalStore } from 'react';
import { waitingWrites } from '@/api/patience';
import { Icon } from '@/ui/icon';

/** On top of everything while writes wait because the organization is being moved. Everything else goes on. */
export function MovingBar() {
  const { moving, writes } = useSyncExternalStore(waitingWrites.subscribe, waitingWrites.now);
  useEffect(() => {
    if (writes === 0) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [writes]);
  return (
    <div role="status">
      {moving ? (
        <div className="flex flex-wrap items-center gap-x-2.5 bg-night px-4 py-2.5 text-[14px] leading-5 text-night-text sm:px-8">
          <Icon as={CloudUpload} />
          <strong className="font-semibold">
            <Trans>Being moved to another machine.</Trans>
          </strong>
          <span className="text-night-text/80">
            {writes > 0 ? (
              <Plural value={writes} one="What you just did is kept here and saved in a moment." other="# changes are kept here and saved in a moment." />
            ) : (
              <Trans>You can read and watch everything. What you change is saved in a moment.</Trans>
            )}
          </span>
        </div>
      ) : null}
    </div>
  );
}
