import { t } from '@lingui/core/macro';

/** A kept value in words: lists with commas, nothing as nothing. */
export function said(value: unknown): string {
  if (value === null || value === undefined || value === '') return t`nothing`;
  if (value === true) return t`yes`;
  if (value === false) return t`no`;
  if (Array.isArray(value)) return value.length === 0 ? t`nothing` : value.map(said).join(', ');
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([name, inner]) => `${name}: ${said(inner)}`)
      .join(', ');
  }
  return String(value);
}
