import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { PageColumn } from '@/ui/page';
import { ProofProvider } from './proof';

const TABS = [
  { to: '/account', label: () => t`Profile` },
  { to: '/account/security', label: () => t`Security` },
] as const;

/** One's own account: two pages under one heading. */
export function AccountFrame({ children }: { children: ReactNode }) {
  return (
    <ProofProvider>
      <PageColumn>
        <div className="max-w-[760px]">
          <h1 tabIndex={-1} className="t-h1">
            <Trans>Your account</Trans>
          </h1>
          <nav aria-label={t`Your account`} className="mt-4 mb-8 flex gap-6 border-b border-line">
            {TABS.map((tab) => (
              <Link
                key={tab.to}
                to={tab.to}
                activeOptions={{ exact: true }}
                className="relative pt-2.5 pb-[11px] font-medium text-text-2 after:absolute after:inset-x-0 after:-bottom-px after:h-0.5 after:rounded-t-[2px] hover:text-text aria-[current=page]:text-text aria-[current=page]:after:bg-brand-edge"
              >
                {tab.label()}
              </Link>
            ))}
          </nav>
          {children}
        </div>
      </PageColumn>
    </ProofProvider>
  );
}

/** A part of the account: what it is, one line why, then its content. */
export function AccountSection({ title, lead, action, children }: { title: ReactNode; lead?: ReactNode; action?: ReactNode; children?: ReactNode }) {
  return (
    <section className="border-t border-line py-7 first-of-type:border-t-0 first-of-type:pt-0">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="max-w-[52ch] min-w-0 flex-1 basis-[260px]">
          <h2 className="t-h4">{title}</h2>
          {lead ? <p className="mt-1 text-text-2">{lead}</p> : null}
        </div>
        {action}
      </div>
      {children ? <div className="mt-4">{children}</div> : null}
    </section>
  );
}
