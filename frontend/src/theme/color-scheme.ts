import { useSyncExternalStore } from 'react';

/** What a person chose; `system` follows the device. Kept per host, so each organization's site remembers its own. */
export type SchemeChoice = 'light' | 'dark' | 'system';

const KEY = 'theme';
const listeners = new Set<() => void>();
const device = () => window.matchMedia('(prefers-color-scheme: dark)');

/** The saved choice; `system` where there is none or storage is closed. A preview is told which one to show. */
export function savedChoice(): SchemeChoice {
  const told = document.documentElement.dataset['scheme'];
  if (told === 'light' || told === 'dark') return told;
  try {
    const saved = localStorage.getItem(KEY);
    return saved === 'light' || saved === 'dark' ? saved : 'system';
  } catch {
    return 'system';
  }
}

export function resolved(choice: SchemeChoice): 'light' | 'dark' {
  if (choice !== 'system') return choice;
  return device().matches ? 'dark' : 'light';
}

function apply(): void {
  document.documentElement.dataset['theme'] = resolved(savedChoice());
  for (const listener of listeners) listener();
}

/** Saves and applies at once, here and in the other tabs of this host. */
export function choose(choice: SchemeChoice): void {
  try {
    if (choice === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, choice);
  } catch {
    // Private windows may refuse; the choice then lasts as long as the page.
    document.documentElement.dataset['theme'] = resolved(choice);
    return;
  }
  apply();
}

/** Follows the device and the other tabs. Call once per surface. */
export function followScheme(): void {
  apply();
  device().addEventListener('change', apply);
  window.addEventListener('storage', (event) => event.key === KEY && apply());
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export function useSchemeChoice(): SchemeChoice {
  return useSyncExternalStore(subscribe, savedChoice);
}

export function useScheme(): 'light' | 'dark' {
  return useSyncExternalStore(subscribe, () => resolved(savedChoice()));
}
