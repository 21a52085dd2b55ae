/**
 * What a sign-up has so far, kept for this tab: a reload resumes, closing the tab forgets. Never the password.
 */
export interface Draft {
  organizationName: string;
  slug: string;
  name: string;
  email: string;
}

/** A sign-up the server knows; the token is its only name. */
export interface OpenSignUp {
  token: string;
  email: string;
  slug: string;
  organizationName: string;
  resendAt: string;
  expiresAt: string;
}

const DRAFT = 'sign-up-draft';
const OPEN = 'sign-up';

function read<Value>(key: string): Value | null {
  try {
    const text = sessionStorage.getItem(key);
    return text ? (JSON.parse(text) as Value) : null;
  } catch {
    return null;
  }
}

function write(key: string, value: unknown): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Without storage the sign-up still works, as long as the page is not reloaded.
  }
}

const EMPTY: Draft = { organizationName: '', slug: '', name: '', email: '' };

export const readDraft = (): Draft => ({ ...EMPTY, ...read<Draft>(DRAFT) });
export const saveDraft = (change: Partial<Draft>): void => write(DRAFT, { ...readDraft(), ...change });

export const readOpen = (): OpenSignUp | null => read<OpenSignUp>(OPEN);
export const saveOpen = (open: OpenSignUp): void => write(OPEN, open);

/** The organization exists or the sign-up ended: nothing here is needed any more. */
export function forgetSignUp(): void {
  sessionStorage.removeItem(DRAFT);
  sessionStorage.removeItem(OPEN);
}
