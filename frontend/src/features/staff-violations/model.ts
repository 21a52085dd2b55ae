import { t } from '@lingui/core/macro';
import type { Violation } from '@/api/staff';
import type { StatusTone } from '@/ui/status';

export type SurfaceFilter = Violation['surface'] | 'all';

export const SURFACES: readonly SurfaceFilter[] = ['all', 'site', 'tenant', 'staff'];

/** What was asked for in the address, or everything. */
export const surfaceOf = (asked: string | undefined): SurfaceFilter => SURFACES.find((one) => one === asked) ?? 'all';

export function surfaceWord(surface: SurfaceFilter): string {
  switch (surface) {
    case 'all':
      return t`All`;
    case 'site':
      return t`Site`;
    case 'tenant':
      return t`Organizations`;
    case 'staff':
      return t`Console`;
  }
}

/** What the policy kept from happening, in words. The server knows words; whatever else it says is a domain. */
export function blockedWord(blocked: string): string {
  switch (blocked) {
    case 'inline':
      return t`A script or style written into the page`;
    case 'eval':
    case 'wasm-eval':
      return t`Code made out of text`;
    case 'self':
      return t`Something of this very host`;
    case 'trusted-types-policy':
    case 'trusted-types-sink':
      return t`HTML or a script out of text`;
    case 'data':
    case 'blob':
      return t`Something made inside the page (${blocked}:)`;
    case 'elsewhere':
      return t`Something from another host`;
    case 'extension':
      return t`A browser's extension`;
    case 'other':
      return t`Something else`;
    default:
      return blocked;
  }
}

/** Extensions are not ours to mend. What runs code is looked at first: it is a mistake of ours, or somebody's attempt. */
export function toneOf(violation: Pick<Violation, 'directive' | 'blocked'>): StatusTone {
  if (violation.blocked === 'extension') return 'off';
  return /^(script-src|require-trusted-types|trusted-types|object-src|base-uri|form-action|default-src)/.test(violation.directive) ? 'failed' : 'look';
}
