import { useEffect } from 'react';
import type { PlayerController } from './controller';
import { commandFor, isPlayerKey } from './key-map';

/** The player's keys for the whole page, as long as a player is on it and the person has not switched them off. */
export function usePlayerKeys(player: PlayerController, stage: Element | null): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || !isPlayerKey(event, event.target, stage)) return;
      const command = commandFor(event);
      if (!command) return;
      const { keys, keysShown } = player.state();
      // "?" always answers: it is where the keys are switched on again.
      if (!keys && command.kind !== 'show-keys') return;
      if (keysShown && command.kind !== 'show-keys') return;
      if (event.repeat && (command.kind.startsWith('toggle') || command.kind.endsWith('lesson'))) return;
      event.preventDefault();
      player.run(command);
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [player, stage]);
}
