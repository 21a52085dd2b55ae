import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

function imports(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, name]) => {
    const path = name ?? '';
    if (path.startsWith('@/')) return path.slice(2);
    return path.startsWith('.') ? relative(root, join(file, '..', path)) : path;
  });
}

/** Files of `layer` whose imports meet one of `forbidden`. */
function offenders(layer: string, forbidden: RegExp): string[] {
  return files(join(root, layer)).flatMap((file) =>
    imports(file)
      .filter((path) => forbidden.test(path))
      .map((path) => `${relative(root, file)} imports ${path}`),
  );
}

describe('layers', () => {
  it('keep the kit free of data and routes', () => {
    expect(offenders('ui', /^(features|surfaces|api|app)\/|^@tanstack\//)).toEqual([]);
  });

  it('keep features below surfaces', () => {
    expect(offenders('features', /^surfaces\//)).toEqual([]);
  });

  it('keep lib and api below features', () => {
    expect([...offenders('lib', /^(features|surfaces|app)\//), ...offenders('api', /^(features|surfaces|app|ui)\//)]).toEqual([]);
  });

  it('use the small build of zod, through one door', () => {
    expect(offenders('.', /^zod(\/|$)/).filter((line) => !line.startsWith('lib/validation.ts'))).toEqual([]);
  });

  it('style every file that learners download', () => {
    const sheet = readFileSync(join(root, 'surfaces/learn/learn.css'), 'utf8');
    const sources = [...sheet.matchAll(/@source (not )?'([^']+)'/g)].map(([, not, path]) => {
      const pattern = relative(root, join(root, 'surfaces/learn', path ?? '')).replaceAll('**', '.+').replace('*.tsx', '[^/]+\\.tsx');
      return { not: Boolean(not), pattern: new RegExp(`^${pattern}(/|$)`) };
    });
    const reached = new Set<string>();
    const waiting = ['surfaces/learn/main.tsx'];
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      if (reached.has(file)) continue;
      reached.add(file);
      for (const path of imports(join(root, file))) {
        const found = [path, `${path}.tsx`, `${path}.ts`].find((name) => /\.tsx?$/.test(name) && existsSync(join(root, name)));
        if (found) waiting.push(found);
      }
    }
    const bare = [...reached]
      .filter((file) => file.endsWith('.tsx') && !file.startsWith('theme/'))
      .filter(
        (file) =>
          !sources.some(({ not, pattern }) => !not && pattern.test(file)) || sources.some(({ not, pattern }) => not && pattern.test(file)),
      );
    expect(reached.size).toBeGreaterThan(60);
    expect(bare).toEqual([]);
  });
});
