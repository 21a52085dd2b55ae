import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQueryClient } from '@tanstack/react-query';
import type { Release, ReleaseOrganization } from '@/api/staff';
import { ReasonDialog } from '@/features/staff-kit/reason-dialog';
import { toast } from '@/ui/toast';
import { holdRelease, releaseKeys, resumeRelease, retryRelease } from './api';
import { releaseName } from './model';

export type ReleaseAct = { what: 'pause' | 'resume' | 'retry' } | { what: 'retry-one'; row: ReleaseOrganization };

interface ReleaseActDialogProps {
  release: Release;
  act: ReleaseAct;
  onClose: () => void;
}

/** What staff may do about a release, each with a reason that the log keeps. */
export function ReleaseActDialog({ release, act, onClose }: ReleaseActDialogProps) {
  const client = useQueryClient();
  const name = releaseName(release.number);
  const done = (words: string) => {
    void client.invalidateQueries({ queryKey: releaseKeys.all });
    toast(words);
    onClose();
  };
  if (act.what === 'pause') {
    return (
      <ReasonDialog
        title={<Trans>Pause release {name}?</Trans>}
        description={<Trans>Organizations that are being brought to it are finished; no other is begun. Nobody is left half-way, and all are served meanwhile.</Trans>}
        act={<Trans>Pause</Trans>}
        acting={<Trans>Pausing</Trans>}
        run={(why) => holdRelease(release.number, why)}
        onClose={onClose}
        onDone={() => done(t`Release ${name} paused`)}
      />
    );
  }
  if (act.what === 'resume') {
    return (
      <ReasonDialog
        title={<Trans>Let release {name} go on?</Trans>}
        description={
          release.failed > 0
            ? plural(release.failed, {
                one: 'The organization that failed is tried again first. If it fails once more, the release stops again.',
                other: 'The # organizations that failed are tried again first. If too many fail once more, the release stops again.',
              })
            : t`It goes on where it stopped; nothing is done twice.`
        }
        act={<Trans>Go on</Trans>}
        acting={<Trans>Going on</Trans>}
        run={(why) => resumeRelease(release.number, why)}
        onClose={onClose}
        onDone={() => done(t`Release ${name} goes on`)}
      />
    );
  }
  const row = act.what === 'retry-one' ? act.row : null;
  return (
    <ReasonDialog
      title={row ? <Trans>Try this organization again?</Trans> : plural(release.failed, { one: 'Try the one that failed again?', other: 'Try the # that failed again?' })}
      description={<Trans>Each is brought to release {name} in one step: wholly, or not at all. It is tried at once, even while the release is held.</Trans>}
      act={<Trans>Try again</Trans>}
      acting={<Trans>Asking</Trans>}
      run={(why) => retryRelease(release.number, row?.organization_id ?? null, why)}
      onClose={onClose}
      onDone={() => done(t`Trying again`)}
    >
      {row ? (
        <div className="grid gap-2">
          <p className="font-medium">
            <bdi>{row.name}</bdi>
          </p>
          {row.error ? <p className="rounded-2 bg-sunken p-3 mono text-text-2 wrap-anywhere">{row.error}</p> : null}
        </div>
      ) : null}
    </ReasonDialog>
  );
}
