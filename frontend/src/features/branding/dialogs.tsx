import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Skeleton } from '@/ui/skeleton';
import { versionsQuery } from './api';
import type { Change } from './draft';
import { stackOf } from './fonts';

interface PublishDialogProps {
  open: boolean;
  changes: readonly Change[];
  onClose: () => void;
  onPublish: () => Promise<boolean>;
}

/** What will be different for everybody, before it is. */
export function PublishDialog({ open, changes, onClose, onPublish }: PublishDialogProps) {
  const [busy, setBusy] = useState(false);
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => !next && onClose()}
      title={<Trans>Publish this brand?</Trans>}
      description={<Trans>Everybody sees it from the next page and the next mail on. You can bring the present one back.</Trans>}
      actions={
        <>
          <Button onClick={onClose}>
            <Trans>Keep editing</Trans>
          </Button>
          <Button
            variant="primary"
            loading={busy}
            onClick={() => {
              setBusy(true);
              void onPublish().finally(() => {
                setBusy(false);
                onClose();
              });
            }}
          >
            {busy ? <Trans>Publishing</Trans> : <Trans>Publish</Trans>}
          </Button>
        </>
      }
    >
      <ul className="grid gap-0 border-t border-line">
        {changes.map((change) => (
          <li key={change.field} className="grid gap-x-4 gap-y-0.5 border-b border-line py-2.5 sm:grid-cols-[128px_minmax(0,1fr)]">
            <span className="text-text-2">{change.label}</span>
            <span className="min-w-0 wrap-anywhere">
              <Value change={change} value={change.before} old />
              <span className="mx-2 text-text-3" aria-label={t`becomes`}>
                →
              </span>
              <Value change={change} value={change.after} />
            </span>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function Value({ change, value, old = false }: { change: Change; value: string; old?: boolean }) {
  return (
    <span className={old ? 'text-text-3' : 'font-medium'}>
      {change.field === 'color' ? <Dot color={value} /> : null}
      {value}
    </span>
  );
}

function Dot({ color }: { color: string }) {
  return <span aria-hidden="true" style={{ background: color }} className="me-1.5 inline-block size-3.5 rounded-1 border border-line-2 align-[-2px]" />;
}

interface VersionsDialogProps {
  fontName: (key: string) => string;
  onClose: () => void;
  onRestore: (version: string) => void;
}

/** Earlier looks. Bringing one back makes it the draft: it is seen before it is published. */
export function VersionsDialog({ fontName, onClose, onRestore }: VersionsDialogProps) {
  const { data, isError, refetch } = useQuery(versionsQuery);
  const when = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' });
  return (
    <Dialog
      open
      onOpenChange={(next) => !next && onClose()}
      title={<Trans>Earlier looks</Trans>}
      description={<Trans>The last twenty that were published. Pick one to look at it as a draft.</Trans>}
      actions={
        <Button onClick={onClose}>
          <Trans>Close</Trans>
        </Button>
      }
    >
      {isError ? (
        <Button onClick={() => void refetch()}>
          <Trans>Load them again</Trans>
        </Button>
      ) : !data ? (
        <div className="grid gap-3" role="status" aria-busy="true" aria-label={t`Loading`}>
          <Skeleton className="h-12" />
          <Skeleton className="h-12" />
        </div>
      ) : data.length === 0 ? (
        <p className="text-text-2">
          <Trans>None yet. When you publish again, the present one is here.</Trans>
        </p>
      ) : (
        <ul className="border-t border-line">
          {data.map((version) => (
            <li key={version.id} className="flex min-h-14 items-center gap-3 border-b border-line py-2">
              <Dot color={version.color} />
              <span className="min-w-0 flex-1">
                <span className="block font-medium" style={{ fontFamily: stackOf(version.heading_font) }}>
                  {fontName(version.heading_font)} · <span className="mono">{version.color.toUpperCase()}</span>
                </span>
                <span className="t-xs text-text-3">
                  <Trans>Published {when.format(new Date(version.published_at))}</Trans>
                </span>
              </span>
              <Button size="sm" onClick={() => onRestore(version.id)}>
                <Trans>Bring back</Trans>
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}

interface ConflictDialogProps {
  onTheirs: () => void;
  onMine: () => void;
}

/** Somebody else changed the brand while this page was open. */
export function ConflictDialog({ onTheirs, onMine }: ConflictDialogProps) {
  return (
    <Dialog
      open
      sticky
      alert
      onOpenChange={() => undefined}
      title={<Trans>Somebody else changed the brand</Trans>}
      description={<Trans>Nothing is lost: theirs is saved, and yours is on this screen. Only one of them can be the draft.</Trans>}
      actions={
        <>
          <Button onClick={onTheirs}>
            <Trans>Show theirs</Trans>
          </Button>
          <Button variant="primary" onClick={onMine}>
            <Trans>Save mine over it</Trans>
          </Button>
        </>
      }
    />
  );
}
