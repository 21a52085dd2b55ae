import type { FieldValues, Path, UseFormSetError } from 'react-hook-form';
import { ApiError } from '@/api/errors';

/**
 * Puts the server's sentences on the fields they are about. Returns what belongs to no field: show it above the form.
 * `names` maps names of the server to names of the form where they differ.
 */
export function takeFieldErrors<Form extends FieldValues>(
  error: unknown,
  setError: UseFormSetError<Form>,
  fields: readonly Path<Form>[],
  names: Record<string, Path<Form>> = {},
): string | null {
  if (!(error instanceof ApiError)) throw error;
  let placed = false;
  for (const [name, sentence] of Object.entries(error.fieldErrors)) {
    const field = names[name] ?? (name as Path<Form>);
    if (!fields.includes(field)) continue;
    setError(field, { type: 'server', message: sentence }, { shouldFocus: !placed });
    placed = true;
  }
  return placed ? null : error.detail;
}
