import { t } from '@lingui/core/macro';
import { useEffect } from 'react';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Kbd } from '@/ui/kbd';
import { Switch } from '@/ui/switch';
import type { PlayerController } from './controller';
import { commandFor, isPlayerKey, keyHelp } from './key-map';
import { usePlayer, usePlayerState } from './use-player';

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

/** "?": the list of keys, and the switch for all of them. */
export function KeysDialog() {
  const player = usePlayer();
  const shown = usePlayerState('keysShown');
  const keys = usePlayerState('keys');
  const fullscreen = usePlayerState('fullscreen');
  useEffect(() => {
    // Dialogs belong to the page, which full screen covers.
    if (shown && fullscreen) void player.toggleFullscreen();
  }, [shown, fullscreen, player]);
  return (
    <Dialog
      open={shown}
      onOpenChange={(open) => player.showKeys(open)}
      title={t`Keys`}
      size="lg"
      actions={<Button onClick={() => player.showKeys(false)}>{t`Close`}</Button>}
    >
      <div className="grid gap-x-10 gap-y-5 sm:grid-cols-2">
        {keyHelp().map((group) => (
          <section key={group.title}>
            <h3 className="mb-1 t-xs font-[540] text-text-3">{group.title}</h3>
            <dl>
              {group.rows.map((row) => (
                <div key={row.does} className="flex min-h-8 items-center justify-between gap-4 t-sm">
                  <dt>{row.does}</dt>
                  <dd className="flex gap-1">
                    {row.keys.map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <Switch
          row
          checked={keys}
          onChange={(on) => player.setKeys(on)}
          label={t`Single-key shortcuts`}
          hint={t`Off if they get in the way of your own tools. This list stays on “?”.`}
          className="self-start"
        />
      </div>
    </Dialog>
  );
}
