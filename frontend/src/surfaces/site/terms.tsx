import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { usePageTitle } from '@/app/page-title';
import { termsQuery } from '@/features/signup/api';
import { Skeleton } from '@/ui/skeleton';
import { SiteChrome } from './chrome';

/** The terms in force, with the version that a sign-up stores. */
export function Terms() {
  usePageTitle(t`Terms`);
  const terms = useQuery(termsQuery);
  return (
    <SiteChrome>
      <article className="mx-auto grid max-w-[68ch] gap-6 px-4 py-8 sm:py-16 t-body">
        <header className="grid gap-3">
          <h1 className="t-h1">
            <Trans>Terms</Trans>
          </h1>
          <p className="t-sm text-text-3">
            {terms.data ? <Trans>Version {terms.data.version}</Trans> : terms.isPending ? <Skeleton className="h-5 w-32" /> : null}
          </p>
        </header>
        <Clause title={<Trans>What you get</Trans>}>
          <Trans>
            A learning platform at an address of your own: accounts, courses, video and progress, kept in a database schema of your
            own and signed with keys of your own.
          </Trans>
        </Clause>
        <Clause title={<Trans>What stays yours</Trans>}>
          <Trans>
            Everything you upload and everything your learners do. We store and process it to run your platform and for nothing else.
            It is never shown to another organization.
          </Trans>
        </Clause>
        <Clause title={<Trans>What you answer for</Trans>}>
          <Trans>
            That you may use what you upload, that the people you invite have agreed to be invited, and that owners and admins keep
            their passwords to themselves.
          </Trans>
        </Clause>
        <Clause title={<Trans>What we may do</Trans>}>
          <Trans>
            Pause an organization that breaks the law or endangers the others. Nothing is deleted by a pause, and your owners are told
            why.
          </Trans>
        </Clause>
        <Clause title={<Trans>When these terms change</Trans>}>
          <Trans>
            Every version has a number. Which one your organization accepted, and when, is stored with it; a new version asks for a new
            yes.
          </Trans>
        </Clause>
      </article>
    </SiteChrome>
  );
}

function Clause({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <section className="grid gap-1.5">
      <h2 className="t-h3">{title}</h2>
      <p className="text-text-2">{children}</p>
    </section>
  );
}
