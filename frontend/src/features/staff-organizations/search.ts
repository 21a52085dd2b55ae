import { textParam } from '@/app/router-options';
import { COLUMNS, type ColumnName, DEFAULT_COLUMNS } from './columns';

/** What the address of the table says. Everything that can be shared or come back to is in it. */
export interface OrganizationsSearch {
  q?: string | undefined;
  state?: string | undefined;
  plan?: string | undefined;
  payment?: string | undefined;
  health?: string | undefined;
  /** "1": only those whose schema is behind the fleet's. */
  behind?: string | undefined;
  order?: string | undefined;
  /** Cursor of the page, and which page that is, counted from 1. */
  after?: string | undefined;
  page?: string | undefined;
  /** Columns besides the name, joined by commas; the usual ones when absent. */
  columns?: string | undefined;
}

const NAMES = ['q', 'state', 'plan', 'payment', 'health', 'behind', 'order', 'after', 'page', 'columns'] as const;

export function organizationsSearch(search: Record<string, unknown>): OrganizationsSearch {
  return Object.fromEntries(NAMES.map((name) => [name, textParam(search, name)]));
}

/** The part that the server filters by. */
export function serverQuery({ q, state, plan, payment, health, behind, order, after }: OrganizationsSearch): Record<string, string | undefined> {
  return { q, state, plan, payment, health, behind, order, cursor: after };
}

/** Whether anything narrows the list. */
export const isFiltered = ({ q, state, plan, payment, health, behind }: OrganizationsSearch) => [q, state, plan, payment, health, behind].some(Boolean);

/** A change of filters begins at the first page. */
export function withFilter(search: OrganizationsSearch, change: OrganizationsSearch): OrganizationsSearch {
  return { ...search, ...change, after: undefined, page: undefined };
}

/** The cursor inside the address of the next page. */
export function cursorOf(next: string | null): string | undefined {
  if (next === null) return undefined;
  return new URL(next, 'http://here.invalid').searchParams.get('cursor') ?? undefined;
}

/** The next order when a column's head is pressed: first as the column reads best, then the other way, then none. */
export function nextOrder(current: string | undefined, column: string, first: 'asc' | 'desc'): string | undefined {
  const [one, two] = first === 'asc' ? [column, `-${column}`] : [`-${column}`, column];
  if (current === one) return two;
  return current === two ? undefined : one;
}

export function shownColumns(text: string | undefined): ColumnName[] {
  if (text === undefined) return [...DEFAULT_COLUMNS];
  const wanted = text.split(',');
  return COLUMNS.filter((column) => wanted.includes(column));
}

/** The address's word for a choice of columns: nothing for the usual ones. */
export function columnsParam(columns: readonly ColumnName[]): string | undefined {
  const ordered = COLUMNS.filter((column) => columns.includes(column));
  return ordered.join() === DEFAULT_COLUMNS.join() ? undefined : ordered.join() || 'none';
}

/** A search as the text that a saved view keeps: without the page, which means nothing tomorrow. */
export function viewText(search: OrganizationsSearch): string {
  const text = new URLSearchParams();
  for (const name of NAMES) {
    const value = search[name];
    if (value !== undefined && name !== 'after' && name !== 'page') text.set(name, value);
  }
  return text.toString();
}

export function searchOfView(query: string): OrganizationsSearch {
  return organizationsSearch(Object.fromEntries(new URLSearchParams(query)));
}
