import { describe, expect, it } from 'vitest';
import { commandFor, isPlayerKey, stepSpeed, type KeyPress } from './key-map';

const press = (key: string, held: Partial<KeyPress> = {}): KeyPress => ({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...held });
const inPage = (html: string, selector: string) => {
  document.body.innerHTML = html;
  return document.querySelector(selector);
};

describe('key map', () => {
  it.each([
    [' ', { kind: 'toggle-play' }],
    ['k', { kind: 'toggle-play' }],
    ['K', { kind: 'toggle-play' }],
    ['j', { kind: 'seek-by', seconds: -10 }],
    ['l', { kind: 'seek-by', seconds: 10 }],
    ['ArrowLeft', { kind: 'seek-by', seconds: -5 }],
    ['ArrowRight', { kind: 'seek-by', seconds: 5 }],
    ['ArrowUp', { kind: 'volume-by', delta: 0.05 }],
    ['7', { kind: 'seek-to-tenth', tenth: 7 }],
    ['Home', { kind: 'seek-start' }],
    ['End', { kind: 'seek-end' }],
    ['m', { kind: 'toggle-mute' }],
    ['f', { kind: 'toggle-fullscreen' }],
    ['t', { kind: 'toggle-theatre' }],
    ['i', { kind: 'toggle-pip' }],
    ['c', { kind: 'toggle-captions' }],
    ['.', { kind: 'frame-step', direction: 1 }],
  ])('%s', (key, command) => {
    expect(commandFor(press(key))).toEqual(command);
  });

  it('reads the keys that need Shift', () => {
    expect(commandFor(press('>', { shiftKey: true }))).toEqual({ kind: 'speed-step', direction: 1 });
    expect(commandFor(press('N', { shiftKey: true }))).toEqual({ kind: 'next-lesson' });
    expect(commandFor(press('?', { shiftKey: true }))).toEqual({ kind: 'show-keys' });
  });

  it('leaves the browser its own', () => {
    expect(commandFor(press('f', { ctrlKey: true }))).toBeNull();
    expect(commandFor(press('l', { metaKey: true }))).toBeNull();
    expect(commandFor(press('ArrowLeft', { altKey: true }))).toBeNull();
    expect(commandFor(press('x'))).toBeNull();
  });

  it('is silent where someone types or a widget moves', () => {
    expect(isPlayerKey(press('k'), inPage('<input type="search">', 'input'))).toBe(false);
    expect(isPlayerKey(press('k'), inPage('<textarea></textarea>', 'textarea'))).toBe(false);
    expect(isPlayerKey(press('k'), inPage('<div contenteditable="true"><b>x</b></div>', 'b'))).toBe(false);
    expect(isPlayerKey(press('k'), inPage('<div role="menu"><button role="menuitem">x</button></div>', 'button'))).toBe(false);
    expect(isPlayerKey(press('k'), inPage('<div role="dialog"><button>x</button></div>', 'button'))).toBe(false);
    expect(isPlayerKey(press('ArrowRight'), inPage('<div role="slider" tabindex="0"></div>', 'div'))).toBe(false);
    expect(isPlayerKey(press('ArrowRight'), inPage('<div role="tablist"><button role="tab">x</button></div>', 'button'))).toBe(false);
  });

  it('works everywhere else, also with a control focused', () => {
    expect(isPlayerKey(press('k'), inPage('<button>x</button>', 'button'))).toBe(true);
    expect(isPlayerKey(press(' '), inPage('<button>x</button>', 'button'))).toBe(false);
    expect(isPlayerKey(press(' '), inPage('<p>x</p>', 'p'))).toBe(true);
    expect(isPlayerKey(press('m'), inPage('<div role="slider" tabindex="0"></div>', 'div'))).toBe(true);
    expect(isPlayerKey(press('m'), inPage('<input type="range">', 'input'))).toBe(true);
  });

  it('steps through the speeds and stops at the ends', () => {
    expect(stepSpeed(1, 1)).toBe(1.25);
    expect(stepSpeed(1, -1)).toBe(0.75);
    expect(stepSpeed(2, 1)).toBe(2);
    expect(stepSpeed(0.5, -1)).toBe(0.5);
    expect(stepSpeed(1.1, 1)).toBe(1.25);
  });
});
