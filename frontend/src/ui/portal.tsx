import { createContext, useContext, useEffect, useState } from 'react';

/** Set by dialogs and sheets for what they hold. */
export const InDialog = createContext(false);

/**
 * Where floating parts are put. Inside the page's main landmark, so that a menu or a tooltip is not content outside of
 * every landmark; from inside a dialog it must be the document's end, because the page behind is closed to everything.
 */
export function useFloatContainer(): HTMLElement | undefined {
  const inDialog = useContext(InDialog);
  const [main, setMain] = useState<HTMLElement | null>(null);
  // The landmark may come after the control in the page (a header's menu), so it is looked up once both are there.
  useEffect(() => setMain(document.getElementById('main')), []);
  return inDialog ? undefined : (main ?? undefined);
}
