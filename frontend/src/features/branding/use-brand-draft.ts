import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError } from '@/api/errors';
import { type BrandAnswer, brandKey, discardDraft, publishDraft, restoreVersion, saveDraft } from './api';
import { type Draft, draftOf, isColor, same } from './draft';

export type SaveState =
  | { kind: 'clean' }
  | { kind: 'waiting' | 'saving' }
  | { kind: 'saved' }
  | { kind: 'offline' }
  | { kind: 'conflict' }
  | { kind: 'refused'; detail: string };

/** Milliseconds of quiet before a change is sent; typing joins into one save and one step of undo. */
const QUIET = 700;
const RETRY = 5000;

/**
 * The draft of the brand: what is on the screen, what has reached the server, and the way back.
 *
 * Saves run one after the other. A save that another person overtook stops here with `conflict`: nothing of theirs is
 * overwritten until `takeTheirs` or `keepMine` is called.
 */
export function useBrandDraft(first: BrandAnswer) {
  const client = useQueryClient();
  const [answer, setAnswer] = useState(first);
  const [draft, setDraft] = useState(() => draftOf(first.draft ?? first.published));
  const [state, setState] = useState<SaveState>({ kind: first.draft ? 'saved' : 'clean' });
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const [past, setPast] = useState<Draft[]>([]);
  const [future, setFuture] = useState<Draft[]>([]);
  const latest = useRef({ draft, revision: first.revision, timer: 0, busy: null as Promise<void> | null, stepAt: 0 });

  const taken = useCallback(
    (told: BrandAnswer) => {
      latest.current.revision = told.revision;
      setAnswer(told);
      client.setQueryData(brandKey, told);
    },
    [client],
  );

  const failed = useCallback((error: unknown) => {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 412) setState({ kind: 'conflict' });
    else if (error.status === 0 || error.status >= 500) setState({ kind: 'offline' });
    else {
      setErrors(error.fieldErrors);
      setState({ kind: 'refused', detail: error.detail });
    }
  }, []);

  const flush = useCallback(async (): Promise<void> => {
    const now = latest.current;
    window.clearTimeout(now.timer);
    now.timer = 0;
    if (now.busy) await now.busy;
    const sent = now.draft;
    if (!isColor(sent.color)) return;
    setState({ kind: 'saving' });
    now.busy = saveDraft(sent, now.revision).then(
      (told) => {
        taken(told);
        setErrors({});
        if (same(now.draft, sent)) setState({ kind: told.draft ? 'saved' : 'clean' });
      },
      (error: unknown) => failed(error),
    );
    await now.busy;
    now.busy = null;
  }, [failed, taken]);

  const later = useCallback(
    (wait: number) => {
      window.clearTimeout(latest.current.timer);
      latest.current.timer = window.setTimeout(() => void flush(), wait);
    },
    [flush],
  );

  const put = useCallback(
    (next: Draft) => {
      latest.current.draft = next;
      setDraft(next);
      setErrors({});
      setState({ kind: 'waiting' });
      later(QUIET);
    },
    [later],
  );

  const change = useCallback(
    (part: Partial<Draft>) => {
      const before = latest.current.draft;
      const at = Date.now();
      // What is typed or dragged without a pause is one step back.
      if (at - latest.current.stepAt > QUIET) setPast((steps) => [...steps.slice(-49), before]);
      latest.current.stepAt = at;
      setFuture([]);
      put({ ...before, ...part });
    },
    [put],
  );

  const undo = useCallback(() => {
    const back = past.at(-1);
    if (!back) return;
    setPast(past.slice(0, -1));
    setFuture([latest.current.draft, ...future]);
    latest.current.stepAt = 0;
    put(back);
  }, [future, past, put]);

  const redo = useCallback(() => {
    const forth = future[0];
    if (!forth) return;
    setFuture(future.slice(1));
    setPast([...past, latest.current.draft]);
    latest.current.stepAt = 0;
    put(forth);
  }, [future, past, put]);

  // What has not reached the server is tried again when the network is back, and in any case after a while.
  useEffect(() => {
    if (state.kind !== 'offline') return;
    const again = () => void flush();
    later(RETRY);
    window.addEventListener('online', again);
    return () => window.removeEventListener('online', again);
  }, [flush, later, state]);

  useEffect(() => {
    const unsaved = state.kind === 'waiting' || state.kind === 'saving' || state.kind === 'offline';
    if (!unsaved) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [state]);

  // Leaving the page inside the studio sends what waits.
  useEffect(() => {
    const now = latest.current;
    return () => {
      if (now.timer) void flush();
    };
  }, [flush]);

  /** Runs an act on the server's draft after everything typed has reached it, and shows what is then. */
  const act = useCallback(
    async (call: (revision: number) => Promise<BrandAnswer>): Promise<boolean> => {
      const now = latest.current;
      if (now.timer) await flush();
      else if (now.busy) await now.busy;
      try {
        const told = await call(now.revision);
        const before = now.draft;
        const next = draftOf(told.draft ?? told.published);
        taken(told);
        now.draft = next;
        setDraft(next);
        if (!same(before, next)) setPast((steps) => [...steps.slice(-49), before]);
        setFuture([]);
        setState({ kind: told.draft ? 'saved' : 'clean' });
        return true;
      } catch (error) {
        failed(error);
        return false;
      }
    },
    [failed, flush, taken],
  );

  return {
    answer,
    draft,
    state,
    errors,
    change,
    undo: past.length > 0 ? undo : null,
    redo: future.length > 0 ? redo : null,
    discard: () => act(discardDraft),
    publish: () => act(publishDraft),
    restore: (version: string) => act((revision) => restoreVersion(version, revision)),
    /** After a conflict: show what the other person made. */
    takeTheirs: (theirs: BrandAnswer) => {
      taken(theirs);
      const next = draftOf(theirs.draft ?? theirs.published);
      latest.current.draft = next;
      setDraft(next);
      setPast([]);
      setFuture([]);
      setState({ kind: theirs.draft ? 'saved' : 'clean' });
    },
    /** After a conflict: save what is here over it. */
    keepMine: (theirs: BrandAnswer) => {
      taken(theirs);
      void flush();
    },
  };
}

export type BrandDraft = ReturnType<typeof useBrandDraft>;
