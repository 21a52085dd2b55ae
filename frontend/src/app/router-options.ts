import { parseSearchWith, stringifySearchWith } from '@tanstack/react-router';
import { NotFoundPage, Pending, RouteError } from './boundaries';

/**
 * What the routers of all surfaces share. Search values are plain text in both directions: the default reads them as
 * JSON, which would turn an address that consists of digits into a number. Routes parse what they need.
 */
export const routerOptions = {
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultErrorComponent: RouteError,
  defaultNotFoundComponent: NotFoundPage,
  defaultPendingComponent: Pending,
  defaultPendingMs: 150,
  defaultPendingMinMs: 300,
  parseSearch: parseSearchWith((value) => value),
  stringifySearch: stringifySearchWith((value) => String(value)),
} as const;

/** A search value as text, or nothing. */
export function textParam(search: Record<string, unknown>, name: string): string | undefined {
  const value = search[name];
  return value === undefined || value === null || value === '' ? undefined : String(value);
}
