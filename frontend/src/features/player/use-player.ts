import { createContext, useContext, useSyncExternalStore } from 'react';
import type { PlayerController } from './controller';
import type { PlayerState } from './state';

export const PlayerContext = createContext<PlayerController | null>(null);

/** The player around this component. */
export function usePlayer(): PlayerController {
  const controller = useContext(PlayerContext);
  if (!controller) throw new Error('usePlayer needs a player around it');
  return controller;
}

/** One field of the player's state: the component renders again only when that field changes. */
export function usePlayerState<K extends keyof PlayerState>(field: K, controller?: PlayerController): PlayerState[K] {
  const around = useContext(PlayerContext);
  const player = controller ?? around;
  if (!player) throw new Error('usePlayerState needs a player around it');
  return useSyncExternalStore(player.subscribe, () => player.state()[field]);
}
