import { describe, expect, it } from 'vitest';
import { linkOf } from './api';

describe('linkOf', () => {
  const id = '01a20767-b968-77b5-8ca7-0fc001d84644';

  it('reads the export and the token of a link', () => {
    expect(linkOf(`#${id}.abcdefghijklmnopqrstuv-_`)).toEqual({ id, token: 'abcdefghijklmnopqrstuv-_' });
  });

  it('reads nothing from what is no link', () => {
    for (const hash of ['', '#', '#history', `#${id}`, `#${id}.short`, `#${id}.abcdefghijklmnopqrst<script>`]) {
      expect(linkOf(hash)).toBeUndefined();
    }
  });
});
