import { Trans } from '@lingui/react/macro';
import { Link, useNavigate } from '@tanstack/react-router';
import { Globe } from 'lucide-react';
import type { FormEvent, ReactNode } from 'react';
import { t } from '@lingui/core/macro';
import { usePageTitle } from '@/app/page-title';
import { saveDraft } from '@/features/signup/draft';
import { SlugEnd, slugMessage, Suggestion, useSlug } from '@/features/signup/slug-field';
import { boot } from '@/lib/boot';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Icon } from '@/ui/icon';
import { Input } from '@/ui/input';
import { Track } from '@/ui/track';
import { SiteChrome } from './chrome';
import { Lanes } from './lanes';

/** What it is, in one screen: a sentence, an address to claim, and eight lanes that never cross. */
export function Landing() {
  usePageTitle('Emerging Tech LMS');
  const navigate = useNavigate();
  const [slug, dispatch] = useSlug('');
  const claim = (event: FormEvent) => {
    event.preventDefault();
    if (slug.check.kind === 'refused') return;
    if (slug.value) saveDraft({ slug: slug.value });
    void navigate({ to: '/sign-up/organization', search: slug.value ? { slug: slug.value } : {} });
  };
  const message = slugMessage(slug);
  return (
    <SiteChrome>
      <section className="mx-auto grid max-w-[1344px] gap-6 px-4 pt-8 pb-10 sm:px-12 sm:pt-16 sm:pb-[72px] lg:grid-cols-[minmax(0,1fr)_488px] lg:items-end lg:gap-[72px]">
        <h1 className="t-display">
          <Trans>A learning platform that is entirely yours.</Trans>
        </h1>
        <div className="grid gap-3.5">
          <p className="t-lead">
            <Trans>
              Your address, your brand, your own database schema and signing keys. Video that resumes to the second, progress that
              never goes backwards.
            </Trans>
          </p>
          <form onSubmit={claim} noValidate className="mt-2.5 grid gap-2.5">
            <Field
              label={<span className="sr-only">{t`Address of your organization`}</span>}
              className="gap-0! [&>p]:mt-2.5"
              {...message}
              hint={slug.check.kind === 'empty' ? <Trans>Checked as you type. No card needed.</Trans> : message.hint}
            >
              <div className="flex flex-col gap-2 sm:flex-row">
                <Input
                  name="slug"
                  value={slug.value}
                  onChange={(event) => dispatch({ type: 'typed', text: event.target.value })}
                  placeholder="your-organization"
                  autoCapitalize="none"
                  autoCorrect="off"
                  autoComplete="off"
                  spellCheck={false}
                  maxLength={63}
                  className="h-[52px]! flex-none px-4! text-[17px] font-medium sm:flex-1"
                  start={<Icon as={Globe} className="text-text-3" />}
                  suffix={<span className="font-normal">.{boot().tenant_suffix}</span>}
                  good={slug.check.kind === 'free'}
                  {...(slug.check.kind === 'empty' ? {} : { end: <SlugEnd state={slug} /> })}
                />
                <Button type="submit" variant="primary" size="lg">
                  <Trans>Claim it</Trans>
                </Button>
              </div>
            </Field>
            <Suggestion state={slug} dispatch={dispatch} />
            <p className="t-sm text-text-2">
              <Trans>
                Try everything first, then pay by the seat.{' '}
                <Link to="/pricing" className="link">
                  See the prices
                </Link>
              </Trans>
            </p>
          </form>
        </div>
      </section>

      <Lanes first={slug.value} />

      <section className="mx-auto grid max-w-[1344px] gap-12 px-4 py-12 sm:px-12 sm:py-[88px] lg:grid-cols-3 lg:gap-16">
        <Reason id="video" title={<Trans>Resume where you were, on any device</Trans>}>
          <p className="text-text-2">
            <Trans>
              We store the seconds someone actually watched and merge them over phone, laptop and a train tunnel. Completion can only
              go forward.
            </Trans>
          </p>
          <Track
            height={10}
            className="mt-3"
            label={t`A lesson watched in parts on two devices, merged`}
            segments={[
              { weight: 3, spans: [[0, 1]] },
              { weight: 5, spans: [[0, 0.3], [0.36, 1]] },
              { weight: 4, spans: [[0, 0.66]] },
              { weight: 6 },
              { weight: 3 },
            ]}
          />
          <p className="flex justify-between t-xs text-text-3">
            <span>
              <Trans>Phone and laptop, merged</Trans>
            </span>
            <span>12:43</span>
          </p>
        </Reason>
        <Reason id="isolation" title={<Trans>One schema for each organization</Trans>}>
          <p className="text-text-2">
            <Trans>
              Accounts, courses and progress live in a PostgreSQL schema of your own, under a role that can read nothing else. Your
              video opens with your keys only.
            </Trans>
          </p>
          <div aria-hidden="true" className="mt-3 grid gap-1.5 font-code text-[13px] [&>span]:rounded-1 [&>span]:px-3 [&>span]:py-1.5">
            <span className="bg-text text-canvas">t_7k2f9q0cxw4m</span>
            <span className="bg-sunken text-text-3">t_b1n8r5y3h6da</span>
            <span className="bg-sunken text-text-3">t_x0v4j9s2e7tg</span>
          </div>
        </Reason>
        <Reason id="brand" title={<Trans>Your brand, readable everywhere</Trans>}>
          <p className="text-text-2">
            <Trans>
              Give us one colour. We solve it for contrast in light and dark, for every button and every link, and show you what we
              changed.
            </Trans>
          </p>
          <div aria-hidden="true" className="mt-3 flex gap-1.5">
            {['#C4185C', '#0B5D3B', '#FFD21F', '#1D5FD1'].map((colour) => (
              <span key={colour} style={{ background: colour }} className="h-[60px] flex-1 rounded-2" />
            ))}
          </div>
        </Reason>
      </section>

      <section className="mx-auto grid max-w-[1344px] gap-6 px-4 pb-14 sm:px-12 sm:pb-24">
        <h2 className="t-h2">
          <Trans>Rules the platform keeps</Trans>
        </h2>
        <dl className="grid gap-5 border-t border-line-2 pt-6 lg:grid-cols-3 lg:gap-16">
          <Figure figure="4.5 : 1">
            <Trans>is the least contrast of any text, whatever colour you choose</Trans>
          </Figure>
          <Figure figure={`10\u00a0min`}>
            <Trans>is how long a permission to play lives; it renews while someone watches</Trans>
          </Figure>
          <Figure figure={`1\u00a0s`}>
            <Trans>is the grain of progress: a second counts once, however often it is replayed</Trans>
          </Figure>
        </dl>
      </section>
    </SiteChrome>
  );
}

function Reason({ id, title, children }: { id: string; title: ReactNode; children: ReactNode }) {
  return (
    <div id={id} className="grid content-start gap-3">
      <h2 className="t-h3">{title}</h2>
      {children}
    </div>
  );
}

function Figure({ figure, children }: { figure: string; children: ReactNode }) {
  return (
    <div>
      <dt className="font-heading text-[64px] leading-[72px] font-[620] tracking-[-0.04em] max-sm:text-[48px] max-sm:leading-[54px]">
        {figure}
      </dt>
      <dd className="max-w-[30ch] text-text-2">{children}</dd>
    </div>
  );
}
