/** One field of a change, as text: what it was, what it became. */
export interface Change {
  field: string;
  before: string | null;
  after: string;
}

const text = (value: unknown): string => {
  if (value === null || value === undefined || value === '') return '–';
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object')) return value.map(String).join(', ') || '–';
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value as number | boolean);
};

/** `{"state": ["active", "suspended"]}` as lines; a value that is no pair is what it became. */
export function readChanges(changes: Readonly<Record<string, unknown>>): Change[] {
  return Object.entries(changes).map(([field, value]) =>
    Array.isArray(value) && value.length === 2 ? { field, before: text(value[0]), after: text(value[1]) } : { field, before: null, after: text(value) },
  );
}
