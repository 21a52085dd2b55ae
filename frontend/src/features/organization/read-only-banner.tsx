import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Lock } from 'lucide-react';
import { boot } from '@/lib/boot';
import { useCan } from '@/lib/permissions';
import { Icon } from '@/ui/icon';

/** Above every page of the studio while nothing can be changed in it. */
export function ReadOnlyBanner() {
  const sees = useCan('organization.view');
  const owns = useCan('organization.delete');
  const { name } = boot().brand;
  if (boot().organization?.state !== 'read_only') return null;
  return (
    <section aria-label={t`Read-only`} className="flex flex-wrap items-baseline gap-x-3 gap-y-1 bg-warning-soft px-4 py-2.5 md:px-8">
      <span className="flex h-(--lh) items-center self-start text-warning-soft-text">
        <Icon as={Lock} size={18} />
      </span>
      <p className="min-w-0 flex-1">
        <strong className="font-semibold">
          <Trans>Read-only.</Trans>
        </strong>{' '}
        <Trans>Nothing can be changed here for now. Learners go on, and their progress is kept.</Trans>{' '}
        {owns ? null : <Trans>An owner of {name} can open it again.</Trans>}
      </p>
      {sees ? (
        <a href="/studio/settings/organization" className="inline-flex min-h-6 items-center font-medium underline underline-offset-3 pointer-coarse:min-h-11">
          <Trans>See why</Trans>
        </a>
      ) : null}
    </section>
  );
}
