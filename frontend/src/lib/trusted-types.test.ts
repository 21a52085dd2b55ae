import { afterEach, expect, test, vi } from 'vitest';

interface Rules {
  createHTML: (text: string, type?: string, sink?: string) => string | null;
}

function load() {
  const made = new Map<string, Rules>();
  vi.stubGlobal('trustedTypes', {
    createPolicy: (name: string, rules: Rules) => {
      made.set(name, rules);
      return rules;
    },
  });
  vi.resetModules();
  return import('./trusted-types').then((module) => ({ module, made }));
}

afterEach(() => {
  vi.unstubAllGlobals();
});

test('what the server rendered passes under its own name', async () => {
  const { module, made } = await load();
  expect(module.renderedByServer('<p>a</p>')).toBe('<p>a</p>');
  expect([...made.keys()]).toEqual(['lms-rich-text']);
});

test('of what libraries hand over only what makes no element passes', async () => {
  const { module, made } = await load();
  module.guardStrings();
  const make = made.get('default')?.createHTML;
  expect(make?.('[data-x]{overflow:hidden}', 'TrustedHTML', 'Element innerHTML')).toBe('[data-x]{overflow:hidden}');
  expect(make?.('<body>pasted</body>', 'TrustedHTML', 'DOMParser parseFromString')).toBe('<body>pasted</body>');
  expect(make?.('<img src=x onerror=alert(1)>', 'TrustedHTML', 'Element innerHTML')).toBeNull();
  expect(() => make?.('<b>pasted</b>')).toThrow(TypeError);
});

test('browsers without trusted types are served as well', async () => {
  vi.stubGlobal('trustedTypes', undefined);
  vi.resetModules();
  const module = await import('./trusted-types');
  expect(module.renderedByServer('<p>a</p>')).toBe('<p>a</p>');
  expect(() => module.guardStrings()).not.toThrow();
});
