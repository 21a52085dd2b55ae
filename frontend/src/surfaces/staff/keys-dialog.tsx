import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Kbd } from '@/ui/kbd';

const keys = (): [string[], string][] => [
  [['/'], t`Search organizations`],
  [['⌘', 'K'], t`The same, from anywhere; Ctrl on other keyboards`],
  [['J'], t`Next row of a table`],
  [['K'], t`Previous row`],
  [['Enter'], t`Open the row`],
  [['S'], t`Support access to the row's organization`],
  [['?'], t`These keys`],
  [['Esc'], t`Close a dialog or a menu`],
];

/** All keys of the console. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      size="sm"
      title={<Trans>Keys</Trans>}
      actions={
        <Button onClick={onClose}>
          <Trans>Close</Trans>
        </Button>
      }
    >
      <dl className="grid gap-0">
        {keys().map(([caps, words]) => (
          <div key={words} className="flex items-center justify-between gap-4 border-t border-line py-2">
            <dd>{words}</dd>
            <dt className="flex flex-none gap-1">
              {caps.map((cap) => (
                <Kbd key={cap}>{cap}</Kbd>
              ))}
            </dt>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
