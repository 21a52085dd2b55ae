/** Columns beside the organization's name, in their order. */
export const COLUMNS = ['host', 'state', 'plan', 'health', 'release', 'members', 'storage', 'queue', 'seen', 'created'] as const;
export type ColumnName = (typeof COLUMNS)[number];

export const DEFAULT_COLUMNS: readonly ColumnName[] = ['host', 'state', 'plan', 'health', 'release', 'members', 'storage', 'seen'];
