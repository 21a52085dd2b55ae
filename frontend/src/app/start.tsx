import { RouterProvider, type AnyRouter } from '@tanstack/react-router';
import { createRoot } from 'react-dom/client';
import { lazy, type ReactNode, Suspense } from 'react';
import type { QueryClient } from '@tanstack/react-query';
import { boot } from '@/lib/boot';
import { guardStrings } from '@/lib/trusted-types';
import { followScheme } from '@/theme/color-scheme';
import { focusOnNavigation } from './route-focus';
import { Providers } from './providers';

// Only where support looks in: nobody else downloads it.
const SupportBanner = lazy(() => import('@/features/support/support-banner').then((module) => ({ default: module.SupportBanner })));

/** Once per page load: after a release the old chunks are gone, and the page itself names the new ones. */
function reloadOnMissingChunk(): void {
  window.addEventListener('vite:preloadError', (event) => {
    const last = Number(sessionStorage.getItem('reloaded-for-chunk') ?? 0);
    if (Date.now() - last < 60_000) return;
    sessionStorage.setItem('reloaded-for-chunk', String(Date.now()));
    event.preventDefault();
    window.location.reload();
  });
}

/** The organization's colours, for previews inside our own ink chrome. Constructed, so the policy needs no exception. */
function adoptBrand(): void {
  const css = boot().brand.theme_css;
  if (!css || document.documentElement.dataset['brand'] === 'tenant') return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets.push(sheet);
}

/** Mounts a surface: its router inside the providers, with `extras` (dialogs, trays) beside it. */
export function start(router: AnyRouter, client: QueryClient, extras?: ReactNode): void {
  const root = document.getElementById('root');
  if (!root) throw new Error('The page has no #root.');
  guardStrings();
  followScheme();
  reloadOnMissingChunk();
  adoptBrand();
  focusOnNavigation(router);
  const { support } = boot();
  createRoot(root).render(
    <Providers client={client}>
      {support ? (
        <Suspense>
          <SupportBanner support={support} />
        </Suspense>
      ) : null}
      <RouterProvider router={router} />
      {extras}
    </Providers>,
  );
}
