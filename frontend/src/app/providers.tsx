import { I18nProvider } from '@lingui/react';
import { t } from '@lingui/core/macro';
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, StrictMode } from 'react';
import { i18n } from '@/i18n';
import { Toaster } from '@/ui/toast';
import { MovingBar } from './moving-bar';
import { OfflineBar } from './offline-bar';

/** What every surface stands in. Kept tiny: whatever is imported here is downloaded everywhere. */
export function Providers({ client, children }: { client: QueryClient; children: ReactNode }) {
  return (
    <StrictMode>
      <I18nProvider i18n={i18n}>
        <QueryClientProvider client={client}>
          <OfflineBar />
          <MovingBar />
          {children}
          <Toaster label={t`Notifications, F8`} closeLabel={t`Close`} />
        </QueryClientProvider>
      </I18nProvider>
    </StrictMode>
  );
}
