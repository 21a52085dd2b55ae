import type { Copy, CopyStore } from './save-queue';

/**
 * Unsaved work in the browser's own storage, which is written at once and so outlives a crash. Kept apart by member
 * and course. A browser that refuses storage loses only this safety.
 */
export function browserCopies(member: string, course: string): CopyStore {
  const prefix = `lms.draft.${member}.${course}.`;
  const attempt = <T>(work: () => T, otherwise: T): T => {
    try {
      return work();
    } catch {
      return otherwise;
    }
  };
  return {
    all: () =>
      attempt(
        () =>
          Object.keys(localStorage)
            .filter((key) => key.startsWith(prefix))
            .flatMap((key) => attempt(() => [JSON.parse(localStorage.getItem(key) ?? '') as Copy], [])),
        [],
      ),
    put: (copy) => attempt(() => localStorage.setItem(prefix + copy.item, JSON.stringify(copy)), undefined),
    remove: (item) => attempt(() => localStorage.removeItem(prefix + item), undefined),
  };
}
