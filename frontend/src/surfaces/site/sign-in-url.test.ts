import { expect, it } from 'vitest';
import { signInUrl } from './sign-in-url';

it.each([
  ['acme', 'http://acme.lms.localhost:8000/login'],
  [' Acme ', 'http://acme.lms.localhost:8000/login'],
  ['acme.lms.localhost', 'http://acme.lms.localhost:8000/login'],
  ['http://acme.lms.localhost:8000/studio', 'http://acme.lms.localhost:8000/login'],
  ['acme.evil.example', null],
  ['-acme', null],
  ['', null],
])('%s', (typed, url) => expect(signInUrl(typed, 'lms.localhost', 'http://lms.localhost:8000')).toBe(url));
