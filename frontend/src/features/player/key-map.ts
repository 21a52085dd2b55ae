import { boot } from '@/lib/boot';

/**
 * The player's keys, as people know them from elsewhere. Page scope, never inside something that takes text or has
 * keys of its own, and the whole map can be switched off (WCAG 2.1.4).
 */
export type PlayerCommand =
  | { kind: 'toggle-play' }
  | { kind: 'seek-by'; seconds: number }
  | { kind: 'seek-to-tenth'; tenth: number }
  | { kind: 'seek-start' }
  | { kind: 'seek-end' }
  | { kind: 'volume-by'; delta: number }
  | { kind: 'toggle-mute' }
  | { kind: 'toggle-fullscreen' }
  | { kind: 'toggle-theatre' }
  | { kind: 'toggle-pip' }
  | { kind: 'toggle-captions' }
  | { kind: 'speed-step'; direction: 1 | -1 }
  | { kind: 'frame-step'; direction: 1 | -1 }
  | { kind: 'next-lesson' }
  | { kind: 'previous-lesson' }
  | { kind: 'show-keys' };

/** The parts of a KeyboardEvent that decide. */
export interface KeyPress {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

const SPEEDS: readonly number[] = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
/** With the feature `player.fast_speeds`: the server believes reports up to the fastest of these only then. */
const FAST_SPEEDS: readonly number[] = [...SPEEDS, 2.5, 3];

/** The speeds that this organization's player offers. */
export const speedsOffered = (flags: readonly string[] = boot().flags): readonly number[] =>
  flags.includes('player.fast_speeds') ? FAST_SPEEDS : SPEEDS;

const SEEK_SMALL_SECONDS = 5;
const SEEK_LARGE_SECONDS = 10;
const VOLUME_STEP = 0.05;

/** The command of a key press, or null when it is not ours. */
export function commandFor(press: KeyPress): PlayerCommand | null {
  if (press.ctrlKey || press.metaKey || press.altKey) return null;
  if (press.shiftKey) {
    switch (press.key) {
      case 'N':
        return { kind: 'next-lesson' };
      case 'P':
        return { kind: 'previous-lesson' };
      case '<':
        return { kind: 'speed-step', direction: -1 };
      case '>':
        return { kind: 'speed-step', direction: 1 };
      case '?':
        return { kind: 'show-keys' };
    }
    return null;
  }
  if (/^[0-9]$/.test(press.key)) return { kind: 'seek-to-tenth', tenth: Number(press.key) };
  switch (press.key.toLowerCase()) {
    case ' ':
    case 'k':
      return { kind: 'toggle-play' };
    case 'j':
      return { kind: 'seek-by', seconds: -SEEK_LARGE_SECONDS };
    case 'l':
      return { kind: 'seek-by', seconds: SEEK_LARGE_SECONDS };
    case 'arrowleft':
      return { kind: 'seek-by', seconds: -SEEK_SMALL_SECONDS };
    case 'arrowright':
      return { kind: 'seek-by', seconds: SEEK_SMALL_SECONDS };
    case 'arrowup':
      return { kind: 'volume-by', delta: VOLUME_STEP };
    case 'arrowdown':
      return { kind: 'volume-by', delta: -VOLUME_STEP };
    case 'm':
      return { kind: 'toggle-mute' };
    case 'f':
      return { kind: 'toggle-fullscreen' };
    case 't':
      return { kind: 'toggle-theatre' };
    case 'i':
      return { kind: 'toggle-pip' };
    case 'c':
      return { kind: 'toggle-captions' };
    case 'home':
      return { kind: 'seek-start' };
    case 'end':
      return { kind: 'seek-end' };
    // Some layouts give these without Shift; the meaning is the same.
    case '<':
      return { kind: 'speed-step', direction: -1 };
    case '>':
      return { kind: 'speed-step', direction: 1 };
    case '?':
      return { kind: 'show-keys' };
    case ',':
      return { kind: 'frame-step', direction: -1 };
    case '.':
      return { kind: 'frame-step', direction: 1 };
  }
  return null;
}

/** Widgets whose own keys win altogether: a letter typed there is text or picks a row. */
const TAKES_ALL_KEYS =
  'input:not([type="range"]):not([type="checkbox"]):not([type="radio"]), textarea, select, [contenteditable]:not([contenteditable="false"]), [role="textbox"], [role="combobox"], [role="menu"], [role="listbox"]';
/** Widgets in which the arrows move; letters are free. */
const MOVES_BY_ARROWS = '[role="slider"], [role="tablist"], [role="radiogroup"], input[type="range"], input[type="radio"]';
const MOVING_KEYS = new Set(['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End', 'PageUp', 'PageDown']);
const PRESSED_BY_SPACE =
  'button, a[href], summary, input, [role="button"], [role="checkbox"], [role="switch"], [role="tab"]';

/**
 * Whether a press aimed at `target` belongs to the page's player at all. An open dialog keeps its keys to itself,
 * unless the player (`stage`) is in it.
 */
export function isPlayerKey(press: KeyPress, target: EventTarget | null, stage: Element | null = null): boolean {
  if (!(target instanceof Element)) return true;
  if (target.closest(TAKES_ALL_KEYS)) return false;
  const dialog = target.closest('[role="dialog"], [role="alertdialog"]');
  if (dialog && !(stage && dialog.contains(stage))) return false;
  if (MOVING_KEYS.has(press.key) && target.closest(MOVES_BY_ARROWS)) return false;
  if ((press.key === ' ' || press.key === 'Enter') && target.closest(PRESSED_BY_SPACE)) return false;
  return true;
}

/** The next speed up or down from any speed; stays at the ends. */
export function stepSpeed(current: number, direction: 1 | -1): number {
  const speeds = speedsOffered();
  if (direction === 1) return speeds.find((speed) => speed > current + 0.001) ?? speeds[speeds.length - 1]!;
  return [...speeds].reverse().find((speed) => speed < current - 0.001) ?? speeds[0]!;
}
