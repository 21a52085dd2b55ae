import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { lazy, Suspense } from 'react';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { GraduationCap, House } from 'lucide-react';
import { AccountMenu } from '@/features/account/account-menu';
import { boot } from '@/lib/boot';
import { useMe } from '@/lib/permissions';
import { buttonClass } from '@/ui/button';
import { Icon } from '@/ui/icon';
import { BrandMark } from '@/ui/brand-mark';
import { SkipLink } from '@/ui/page';
import { TabBar } from '@/ui/tab-bar';

// They come after what they are asked for anyway: no page waits for their code.
const Announcements = lazy(async () => ({ default: (await import('@/features/announcements/announcements')).Announcements }));

/** The catalogue is open to visitors; home is a member's own. */
const NAV = [
  { to: '/home', icon: House, label: () => t`Home`, members: true },
  { to: '/', icon: GraduationCap, label: () => t`Catalogue`, members: false },
] as const;

/** One bar and no sidebar; on phones a bar at the bottom. Everything else is the page's. */
export function LearnShell() {
  const { brand } = boot();
  const me = useMe();
  const here = useLocation({ select: (location) => location.href });
  const places = NAV.filter((item) => me !== null || !item.members);
  return (
    <>
      <SkipLink>
        <Trans>Skip to the content</Trans>
      </SkipLink>
      <header className="sticky top-0 z-20 border-b border-line bg-canvas">
        <div className="mx-auto flex h-[60px] max-w-[1240px] items-center gap-4 px-4 sm:h-[68px] sm:px-8">
          <Link
            to={me ? '/home' : '/'}
            className="flex min-w-0 items-center gap-2.5 rounded-2"
          >
            <BrandMark
              name={brand.name}
              logo={brand.logo}
              nameClass="truncate font-heading text-[17px] leading-6 font-[620] tracking-[-0.012em]"
            />
          </Link>
          <nav aria-label={t`Main`} className="ms-7 hidden gap-1 md:flex">
            {places.map((item) => (
              <Link
                key={item.to}
                to={item.to}
                activeOptions={{ exact: true, includeSearch: false }}
                className="rounded-2 px-3 py-2 text-[15px] font-medium text-text-2 hover:text-text aria-[current=page]:bg-hover aria-[current=page]:text-text"
              >
                {item.label()}
              </Link>
            ))}
          </nav>
          <div className="ms-auto">
            {me ? (
              <AccountMenu />
            ) : (
              <Link to="/login" search={{ next: here }} className={buttonClass('primary', 'md', 'h-10! pointer-coarse:h-11!')}>
                <Trans>Sign in</Trans>
              </Link>
            )}
          </div>
        </div>
      </header>
      <Suspense fallback={null}>
        <Announcements surface="learn" className="mx-auto max-w-[1240px] px-4 pt-4 sm:px-8" />
      </Suspense>
      <main id="main" tabIndex={-1}>
        <Outlet />
      </main>
      {me ? (
        <TabBar label={t`Main, at the bottom`}>
          {places.map((item) => (
            <Link key={item.to} to={item.to} activeOptions={{ exact: true, includeSearch: false }}>
              <Icon as={item.icon} size={20} />
              {item.label()}
            </Link>
          ))}
        </TabBar>
      ) : null}
    </>
  );
}
