import { call, type CallOptions } from '@/api/client';
import { ApiError } from '@/api/errors';

type Ask = () => Promise<boolean>;

let ask: Ask | undefined;
let running: Promise<boolean> | undefined;

/** The dialog that asks for a second factor once more registers itself. Returns a function that takes it back. */
export function whenProofIsNeeded(dialog: Ask): () => void {
  ask = dialog;
  return () => {
    if (ask === dialog) ask = undefined;
  };
}

/**
 * A write of the console. What is dangerous asks for a second factor of the last minutes: the dialog asks for it once,
 * however many calls wait, and the write is repeated after it.
 */
export async function act<Answer = void>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, options: CallOptions = {}): Promise<Answer> {
  try {
    return await call<Answer>(method, path, options);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'proof_needed' || !ask) throw error;
    running ??= ask().finally(() => {
      running = undefined;
    });
    if (!(await running)) throw error;
    return call<Answer>(method, path, options);
  }
}
