import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/api/errors';
import { act, whenProofIsNeeded } from './act';

const refusal = () =>
  new Response(JSON.stringify({ code: 'proof_needed', title: 'Prove once more that it is you' }), { status: 403, headers: { 'Content-Type': 'application/problem+json' } });
const done = () => new Response(JSON.stringify({ ok: true }), { status: 200 });

describe('a write that needs a recent proof', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('asks once for all that wait, then repeats each', async () => {
    const fetched = vi.fn().mockResolvedValueOnce(refusal()).mockResolvedValueOnce(refusal()).mockImplementation(() => Promise.resolve(done()));
    vi.stubGlobal('fetch', fetched);
    const ask = vi.fn().mockResolvedValue(true);
    const forget = whenProofIsNeeded(ask);
    await expect(Promise.all([act('POST', 'a/'), act('POST', 'b/')])).resolves.toEqual([{ ok: true }, { ok: true }]);
    expect(ask).toHaveBeenCalledTimes(1);
    expect(fetched).toHaveBeenCalledTimes(4);
    forget();
  });

  it('stays refused when nobody proves anything', async () => {
    vi.stubGlobal('fetch', vi.fn().mockImplementation(() => Promise.resolve(refusal())));
    const forget = whenProofIsNeeded(() => Promise.resolve(false));
    await expect(act('POST', 'a/')).rejects.toBeInstanceOf(ApiError);
    forget();
  });
});
