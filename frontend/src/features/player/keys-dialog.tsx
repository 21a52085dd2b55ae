import { t } from '@lingui/core/macro';
import { useEffect } from 'react';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Kbd } from '@/ui/kbd';
import { Switch } from '@/ui/switch';
import { keyHelp } from './key-help';
import { usePlayer, usePlayerState } from './use-player';

/** "?": the list of keys, and the switch for all of them. */
export default function KeysDialog() {
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
