import { describe, expect, it } from 'vitest';
import { creationOptions, fromBytes, requestOptions, toBytes } from './webauthn';

describe('passkeys as JSON', () => {
  it('goes through bytes and back, without padding', () => {
    const bytes = new Uint8Array([0, 250, 251, 252, 253, 254, 255]);
    const text = fromBytes(bytes.buffer);
    expect(text).toBe('APr7_P3-_w');
    expect([...toBytes(text)]).toEqual([...bytes]);
  });

  it('turns ids and challenges of both kinds of options into bytes', () => {
    const asked = requestOptions({ challenge: 'AQI', allowCredentials: [{ id: 'Aw', type: 'public-key' }] });
    expect([...(asked.challenge as Uint8Array)]).toEqual([1, 2]);
    expect(asked.allowCredentials?.map((one) => [...(one.id as Uint8Array)])).toEqual([[3]]);
    const made = creationOptions({
      challenge: 'AQI',
      rp: { name: 'Console' },
      user: { id: 'BA', name: 'dana', displayName: 'Dana' },
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
    });
    expect([...(made.user.id as Uint8Array)]).toEqual([4]);
    expect(made.excludeCredentials).toEqual([]);
  });
});
