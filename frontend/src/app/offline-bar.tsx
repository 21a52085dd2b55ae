import { Trans } from '@lingui/react/macro';
import { WifiOff } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { Icon } from '@/ui/icon';

const subscribe = (listener: () => void) => {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
};

export function useOnline(): boolean {
  return useSyncExternalStore(subscribe, () => navigator.onLine);
}

/** Near-black on top of everything while the device has no network. */
export function OfflineBar() {
  const online = useOnline();
  return (
    <div role="status">
      {online ? null : (
        <div className="flex flex-wrap items-center gap-x-2.5 bg-night px-4 py-2.5 text-[14px] leading-5 text-night-text sm:px-8">
          <Icon as={WifiOff} />
          <strong className="font-semibold">
            <Trans>You are offline.</Trans>
          </strong>
          <span className="text-night-text/80">
            <Trans>What is on this page stays. New things load when the connection is back.</Trans>
          </span>
        </div>
      )}
    </div>
  );
}
