import { describe, expect, it } from 'vitest';
import { readAddresses } from './addresses';

describe('readAddresses', () => {
  it.each([
    ['a@x.example', ['a@x.example'], []],
    ['a@x.example, B@X.example\nc@x.example; a@x.example', ['a@x.example', 'b@x.example', 'c@x.example'], []],
    ['Ada Lovelace <ada@x.example>\n"Smith, J" <j@x.example>', ['ada@x.example', 'j@x.example'], ['"Smith']],
    ['ada@ x.example', [], ['ada@', 'x.example']],
    ['a@x.example b@x.example', ['a@x.example', 'b@x.example'], []],
    ['  \n ', [], []],
  ])('%s', (text, valid, invalid) => expect(readAddresses(text)).toEqual({ valid, invalid }));
});
