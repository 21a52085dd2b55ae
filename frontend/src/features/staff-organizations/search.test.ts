import { describe, expect, it } from 'vitest';
import { columnsParam, cursorOf, isFiltered, nextOrder, organizationsSearch, searchOfView, serverQuery, shownColumns, viewText, withFilter } from './search';

describe('the address of the organizations table', () => {
  it('keeps only what it knows, as text', () => {
    expect(organizationsSearch({ q: 42, state: '', evil: 'x' })).toMatchObject({ q: '42', state: undefined });
    expect(organizationsSearch({ evil: 'x' })).not.toHaveProperty('evil');
  });

  it('asks the server for filters, not for columns', () => {
    expect(serverQuery({ q: 'acme', columns: 'host', page: '2', after: 'c' })).toEqual({
      q: 'acme',
      state: undefined,
      plan: undefined,
      health: undefined,
      behind: undefined,
      order: undefined,
      cursor: 'c',
    });
  });

  it('starts at the first page when a filter changes', () => {
    expect(withFilter({ q: 'a', after: 'c', page: '3' }, { state: 'active' })).toEqual({ q: 'a', state: 'active', after: undefined, page: undefined });
  });

  it('knows when nothing narrows the list', () => {
    expect(isFiltered({ order: 'name', columns: 'host' })).toBe(false);
    expect(isFiltered({ behind: '1' })).toBe(true);
  });

  it('finds the cursor in the next address', () => {
    expect(cursorOf('/api/v1/organizations/?cursor=cD0x')).toBe('cD0x');
    expect(cursorOf(null)).toBeUndefined();
  });

  it('turns a column three ways', () => {
    expect(nextOrder(undefined, 'members', 'desc')).toBe('-members');
    expect(nextOrder('-members', 'members', 'desc')).toBe('members');
    expect(nextOrder('members', 'members', 'desc')).toBeUndefined();
    expect(nextOrder('-members', 'name', 'asc')).toBe('name');
  });

  it('shows the usual columns unless told, in their order', () => {
    expect(shownColumns(undefined)).toContain('host');
    expect(shownColumns('seen,host,bogus')).toEqual(['host', 'seen']);
    expect(shownColumns('none')).toEqual([]);
    expect(columnsParam(shownColumns(undefined))).toBeUndefined();
    expect(columnsParam(['seen', 'host'])).toBe('host,seen');
    expect(columnsParam([])).toBe('none');
  });

  it('keeps a view without its page', () => {
    const text = viewText({ q: 'a b', state: 'active', after: 'c', page: '2' });
    expect(text).toBe('q=a+b&state=active');
    expect(searchOfView(text)).toMatchObject({ q: 'a b', state: 'active', after: undefined });
  });
});
