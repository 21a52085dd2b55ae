import type { Availability } from '@/api/types';

/** The nearest well-formed address of a name that a person typed, as the server would make it; may be empty. */
export function slugOf(name: string): string {
  return name
    .normalize('NFKD')
    .replaceAll(/[^\p{ASCII}]/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replaceAll(/^-+|-+$/g, '');
}

/** What someone types in the address field: lower case, spaces as hyphens, the rest left for the check to judge. */
export function typedSlug(text: string): string {
  return text.toLowerCase().replaceAll(/\s+/g, '-').slice(0, 63);
}

export type SlugCheck =
  | { kind: 'empty' }
  | { kind: 'checking' }
  | { kind: 'free' }
  | { kind: 'refused'; message: string; suggestion: string | null; reason: NonNullable<Availability['reason']> }
  /** The check itself failed; going on is allowed, the server decides again at the end. */
  | { kind: 'unknown' };

export interface SlugState {
  value: string;
  /** Still follows the organization's name; ends at the first own keystroke in the field. */
  follows: boolean;
  check: SlugCheck;
}

export type SlugEvent =
  | { type: 'named'; name: string }
  | { type: 'typed'; text: string }
  | { type: 'taken-over'; slug: string }
  | { type: 'answered'; slug: string; answer: Availability }
  | { type: 'failed'; slug: string }
  /** The server refused it when the form was sent. */
  | { type: 'refused'; message: string; suggestion: string | null; reason: string };

export function slugStart(value: string): SlugState {
  return { value, follows: value === '', check: value === '' ? { kind: 'empty' } : { kind: 'checking' } };
}

function withValue(state: SlugState, value: string, follows: boolean): SlugState {
  if (value === state.value) return { ...state, follows };
  return { value, follows, check: value === '' ? { kind: 'empty' } : { kind: 'checking' } };
}

/**
 * The address field. Answers are taken only for the text that stands in the field now, so a slow answer never judges
 * a newer word. `own` is the address this browser already holds from an unfinished sign-up.
 */
export function slugReducer(own: string | null) {
  return (state: SlugState, event: SlugEvent): SlugState => {
    switch (event.type) {
      case 'named':
        return state.follows ? withValue(state, slugOf(event.name), true) : state;
      case 'typed':
        return withValue(state, typedSlug(event.text), event.text === '');
      case 'taken-over':
        return withValue(state, event.slug, false);
      case 'answered': {
        if (event.slug !== state.value) return state;
        const { available, reason, message, suggestion } = event.answer;
        // Holding it ourselves is as good as free.
        if (available || (reason === 'held' && state.value === own)) return { ...state, check: { kind: 'free' } };
        return { ...state, check: { kind: 'refused', message, suggestion, reason: reason ?? 'taken' } };
      }
      case 'failed':
        return event.slug === state.value ? { ...state, check: { kind: 'unknown' } } : state;
      case 'refused':
        return {
          ...state,
          check: {
            kind: 'refused',
            message: event.message,
            suggestion: event.suggestion,
            reason: event.reason as NonNullable<Availability['reason']>,
          },
        };
    }
  };
}
