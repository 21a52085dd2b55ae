import { Trans } from '@lingui/react/macro';
import { t } from '@lingui/core/macro';
import { usePageTitle } from '@/app/page-title';
import { ThemeMenu } from '@/features/account/theme-menu';
import { boot } from '@/lib/boot';
import { Mark } from '@/ui/logo';
import { SkipLink } from '@/ui/page';
import { Table, Td, Th, Tr } from '@/ui/table';

/** The staff host, as long as the console has no sign-in: what it will be, what works today and where. */
export function ConsoleClosed() {
  usePageTitle(t`Console`);
  const host = window.location.host;
  return (
    <div className="flex min-h-dvh flex-col">
      <SkipLink>
        <Trans>Skip to the content</Trans>
      </SkipLink>
      <header className="flex h-12 items-center gap-3 bg-night px-4 text-night-text">
        <Mark size={18} />
        <span className="font-semibold">
          <Trans>Platform console</Trans>
        </span>
        <span className="ms-auto mono text-[12px]">{host}</span>
      </header>
      <main id="main" tabIndex={-1} className="mx-auto grid w-full max-w-[720px] flex-1 content-start gap-5 px-4 py-12">
        <h1 className="t-h2">
          <Trans>Sign-in to the console is not open yet</Trans>
        </h1>
        <p className="max-w-[60ch] text-[14px] leading-[22px] text-text-2">
          <Trans>
            This host is reserved for platform staff. It holds no accounts, sets no session and answers no API. Organizations and
            their members are not affected: they sign in on hosts of their own.
          </Trans>
        </p>
        <h2 className="mt-3 t-h4">
          <Trans>What an operator can use today</Trans>
        </h2>
        <Table label={t`What an operator can use today`}>
          <thead>
            <tr>
              <Th>
                <Trans>For</Trans>
              </Th>
              <Th>
                <Trans>Use</Trans>
              </Th>
            </tr>
          </thead>
          <tbody>
            <Tr>
              <Td>
                <Trans>Is the application up</Trans>
              </Td>
              <Td>
                <a className="link mono" href="/livez">
                  /livez
                </a>
              </Td>
            </Tr>
            <Tr>
              <Td>
                <Trans>Are its parts reachable</Trans>
              </Td>
              <Td>
                <a className="link mono" href="/readyz">
                  /readyz
                </a>
              </Td>
            </Tr>
            <Tr>
              <Td>
                <Trans>Make an organization</Trans>
              </Td>
              <Td>
                <a className="link" href={`${boot().site_url}/sign-up/organization`}>
                  <Trans>Sign-up on the public site</Trans>
                </a>
              </Td>
            </Tr>
          </tbody>
        </Table>
      </main>
      <footer className="flex justify-between gap-4 px-4 py-4 text-text-3">
        <a href={boot().site_url} className="hover:text-text">
          <Trans>Public site</Trans>
        </a>
        <ThemeMenu />
      </footer>
    </div>
  );
}
