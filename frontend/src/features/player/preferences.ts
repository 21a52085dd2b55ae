import { speedsOffered } from './key-map';

/** How this person likes to watch; remembered on the device, for every lesson of the organization's site. */
export interface PlayerPreferences {
  speed: number;
  /** 0..1 */
  volume: number;
  muted: boolean;
  captions: boolean;
  /** BCP 47 tag of the caption track chosen last; null: the default of the lesson. */
  language: string | null;
  /** Single-key shortcuts (WCAG 2.1.4 asks that they can be turned off). */
  keys: boolean;
  /** Whether the next lesson begins by itself after the countdown. */
  continueByItself: boolean;
}

const STORAGE_KEY = 'lms.player';

export const DEFAULTS: PlayerPreferences = {
  speed: 1,
  volume: 1,
  muted: false,
  captions: false,
  language: null,
  keys: true,
  continueByItself: true,
};

/** Reads what is stored, field by field: a stale or foreign value costs only itself. */
export function parsePreferences(stored: string | null): PlayerPreferences {
  let raw: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(stored ?? '{}');
    if (parsed && typeof parsed === 'object') raw = parsed as Record<string, unknown>;
  } catch {
    raw = {};
  }
  const flag = (name: 'muted' | 'captions' | 'keys' | 'continueByItself') => (typeof raw[name] === 'boolean' ? raw[name] : DEFAULTS[name]);
  return {
    speed: speedsOffered().some((speed) => speed === raw.speed) ? (raw.speed as number) : DEFAULTS.speed,
    volume: typeof raw.volume === 'number' && raw.volume >= 0 && raw.volume <= 1 ? raw.volume : DEFAULTS.volume,
    muted: flag('muted'),
    captions: flag('captions'),
    language: typeof raw.language === 'string' ? raw.language : null,
    keys: flag('keys'),
    continueByItself: flag('continueByItself'),
  };
}

export function loadPreferences(): PlayerPreferences {
  try {
    return parsePreferences(localStorage.getItem(STORAGE_KEY));
  } catch {
    return { ...DEFAULTS };
  }
}

export function savePreferences(preferences: PlayerPreferences): void {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(preferences));
  } catch {
    // Storage refused: the choice holds for this page.
  }
}
