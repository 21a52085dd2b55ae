import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { Menu as Bars, Search } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { OrganizationSearch } from '@/features/staff-organizations/organization-search';
import { StaffNotices } from '@/features/staff-announcements/staff-notices';
import { EnvironmentBadge } from '@/features/staff-kit/environment';
import { keyIsTaken } from '@/features/staff-kit/keys';
import { can, useMe } from '@/lib/permissions';
import { Dialog } from '@/ui/dialog';
import { IconButton } from '@/ui/icon-button';
import { Mark } from '@/ui/logo';
import { Menu, MenuItem } from '@/ui/menu';
import { SkipLink } from '@/ui/page';
import { AccountMenu } from './account-menu';
import { PLACES } from './nav';
import { SystemsStatus } from './systems-status';

const KeysDialog = lazy(() => import('./keys-dialog').then((module) => ({ default: module.KeysDialog })));

const ON_STRIP = 'text-strip-text! hover:bg-strip-on! hover:text-white! focus-visible:outline-white!';

/** The 48 px strip, dark in both modes, and the page under it. */
export function StaffShell() {
  const me = useMe();
  const [help, setHelp] = useState(false);
  const [searching, setSearching] = useState(false);
  const { pathname } = useLocation();
  const places = PLACES.filter((place) => can(place.permission, me));
  useConsoleKeys({ onHelp: () => setHelp(true), onSearch: () => setSearching(true) });
  return (
    <div className="min-h-dvh">
      <SkipLink>
        <Trans>Skip to the content</Trans>
      </SkipLink>
      <header className="sticky top-0 z-30 flex h-12 items-center gap-2 bg-strip px-3 text-night-text sm:gap-4 sm:px-5">
        <Link to="/organizations" className="flex flex-none items-center gap-2 rounded-[6px] font-semibold focus-visible:outline-white">
          <Mark size={18} />
          <span className="max-[359px]:sr-only">
            <Trans>Staff</Trans>
          </span>
        </Link>
        <EnvironmentBadge />
        <nav aria-label={t`Main`} className="hidden gap-0.5 lg:flex xl:ms-2">
          {places.map((place) => (
            <Link
              key={place.to}
              to={place.to}
              aria-current={place.also?.includes(pathname) ? 'page' : undefined}
              className="rounded-[6px] px-2 py-[5px] font-medium whitespace-nowrap text-strip-text hover:text-white focus-visible:outline-white aria-[current=page]:bg-strip-on aria-[current=page]:text-white xl:px-2.5"
            >
              {place.label()}
            </Link>
          ))}
        </nav>
        <div className="ms-auto hidden w-full max-w-[320px] min-w-[120px] md:block">
          <OrganizationSearch strip />
        </div>
        <SystemsStatus />
        <div className="ms-auto flex flex-none items-center gap-0.5 md:ms-0">
          <span className="md:hidden">
            <IconButton icon={Search} iconSize={18} label={t`Search organizations`} className={ON_STRIP} onClick={() => setSearching(true)} />
          </span>
          <span className="lg:hidden">
            <Menu trigger={<IconButton icon={Bars} iconSize={18} label={t`Places`} className={ON_STRIP} />}>
              {places.map((place) => (
                <MenuItem key={place.to} asChild>
                  <Link to={place.to} aria-current={place.also?.includes(pathname) ? 'page' : undefined} className="aria-[current=page]:font-semibold">
                    {place.label()}
                  </Link>
                </MenuItem>
              ))}
            </Menu>
          </span>
          <AccountMenu onHelp={() => setHelp(true)} />
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <StaffNotices />
        <Outlet />
      </main>
      {help ? (
        <Suspense fallback={null}>
          <KeysDialog onClose={() => setHelp(false)} />
        </Suspense>
      ) : null}
      {searching ? (
        <Dialog open onOpenChange={setSearching} title={<Trans>Find an organization</Trans>}>
          {/* Results open below the field: room for them before there are any. */}
          <div className="min-h-[300px]">
            <OrganizationSearch onPicked={() => setSearching(false)} />
          </div>
        </Dialog>
      ) : null}
    </div>
  );
}

/** `/` and ⌘K go to the search of the strip (a dialog where the strip has no room for it), `?` shows all keys. */
function useConsoleKeys({ onHelp, onSearch }: { onHelp: () => void; onSearch: () => void }): void {
  useEffect(() => {
    const search = () => {
      const field = document.querySelector<HTMLInputElement>('header [data-strip-search]');
      if (field?.checkVisibility()) {
        field.focus();
        field.select();
      } else onSearch();
    };
    const press = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && !event.altKey && event.key.toLowerCase() === 'k') {
        if (document.querySelector('[role="dialog"], [role="alertdialog"]')) return;
        event.preventDefault();
        search();
        return;
      }
      if (keyIsTaken(event)) return;
      if (event.key === '/') {
        event.preventDefault();
        search();
      } else if (event.key === '?') onHelp();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  });
}
