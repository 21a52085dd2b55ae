import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Link, Outlet } from '@tanstack/react-router';
import { Forbidden } from '@/app/boundaries';
import { can, useMe } from '@/lib/permissions';
import { PageBar, PageBody } from '@/ui/page';
import { SETTINGS } from './settings-nav';

/** The settings: one bar, the sections this member may see, and the section below. */
export function SettingsFrame() {
  const me = useMe();
  const places = SETTINGS.filter((place) => can(place.permission, me));
  if (places.length === 0) {
    return (
      <>
        <PageBar title={<Trans>Settings</Trans>} />
        <PageBody>
          <Forbidden compact />
        </PageBody>
      </>
    );
  }
  return (
    <>
      <PageBar title={<Trans>Settings</Trans>} />
      <nav
        aria-label={t`Settings`}
        className="flex gap-6 overflow-x-auto border-b border-line px-4 [scrollbar-width:none] md:px-8"
      >
        {places.map((place) => (
          <Link
            key={place.to}
            to={place.to}
            className="relative flex min-h-11 flex-none items-center font-medium whitespace-nowrap text-text-2 after:absolute after:inset-x-0 after:-bottom-px after:h-0.5 after:rounded-t-[2px] hover:text-text focus-visible:-outline-offset-2 aria-[current=page]:text-text aria-[current=page]:after:bg-brand-edge"
          >
            {place.label()}
          </Link>
        ))}
      </nav>
      <Outlet />
    </>
  );
}
