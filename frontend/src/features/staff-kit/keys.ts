import { type RefObject, useEffect } from 'react';

/** A key belongs to whoever is typing, choosing or answering a dialog; a page's own keys only come after. */
export function keyIsTaken(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return true;
  return target.closest('[role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"]') !== null || document.querySelector('[role="dialog"], [role="alertdialog"]') !== null;
}

/** Which row comes after `current` (-1: none yet) among `count`, by J or K; they stop at both ends. */
export function nextRow(current: number, count: number, key: string): number {
  if (count === 0) return -1;
  if (current < 0) return 0;
  return key === 'k' ? Math.max(0, current - 1) : Math.min(count - 1, current + 1);
}

/**
 * J and K move the focus between the rows' own links (`data-row`), so that Enter opens what the eye is on and a screen
 * reader says it. `extra` are keys that act on the focused row, by its `data-row` value.
 */
export function useRowKeys(region: RefObject<HTMLElement | null>, extra: Record<string, (row: string) => void> = {}): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (keyIsTaken(event)) return;
      const key = event.key.toLowerCase();
      const rows = [...(region.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])].filter((row) => row.checkVisibility());
      const current = rows.findIndex((row) => row === document.activeElement || row.closest('tr')?.contains(document.activeElement));
      if (key === 'j' || key === 'k') {
        const row = rows[nextRow(current, rows.length, key)];
        if (!row) return;
        event.preventDefault();
        row.focus();
        row.scrollIntoView({ block: 'nearest' });
        return;
      }
      const act = extra[key];
      const row = rows[current]?.dataset['row'];
      if (!act || row === undefined) return;
      event.preventDefault();
      act(row);
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  });
}
