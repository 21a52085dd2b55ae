import { t } from '@lingui/core/macro';
import { ApiError } from '@/api/errors';
import { Notice } from '@/ui/notice';

/** The sentence of a failed call. */
export function sentence(error: unknown): string {
  return error instanceof ApiError ? error.detail : t`That did not work. Nothing was changed; try again.`;
}

/** Why the last press did nothing, above the form it belongs to. */
export function Problem({ error }: { error: unknown }) {
  if (!error) return null;
  return <Notice tone="danger" live title={sentence(error)} />;
}
