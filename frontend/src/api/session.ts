/**
 * The end of a session, seen from anywhere in the client. The dialog that asks to sign in again listens here; every
 * call that met the end waits for the one answer.
 */
type Ask = () => Promise<boolean>;

let ask: Ask | undefined;
let running: Promise<boolean> | undefined;

/** The surface's dialog registers itself. Returns a function that takes it back. */
export function whenSessionEnds(dialog: Ask): () => void {
  ask = dialog;
  return () => {
    if (ask === dialog) ask = undefined;
  };
}

/** Asks to sign in again, once however many calls failed. Resolves to whether the member is back. */
export function sessionEnded(): Promise<boolean> {
  if (!ask) return Promise.resolve(false);
  running ??= ask().finally(() => {
    running = undefined;
  });
  return running;
}
