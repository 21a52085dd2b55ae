import { createContext } from 'react';

/** The stage element: in full screen menus must be inside it, or they are hidden. */
export const StageElement = createContext<HTMLElement | null>(null);
