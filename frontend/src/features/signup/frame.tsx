import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { Logo } from '@/ui/logo';
import { SkipLink } from '@/ui/page';
import { Track } from '@/ui/track';

interface FrameProps {
  step: 1 | 2 | 3;
  stepName: string;
  title: ReactNode;
  /** Right half on wide screens: what will come of it. */
  beside: ReactNode;
  children: ReactNode;
}

/** The two halves of the sign-up: the form, and what it will become. */
export function SignUpFrame({ step, stepName, title, beside, children }: FrameProps) {
  return (
    <div className="grid min-h-dvh lg:grid-cols-2">
      <SkipLink>
        <Trans>Skip to the form</Trans>
      </SkipLink>
      <div className="flex flex-col px-4 py-4 sm:px-12 sm:py-7">
        <header>
          <a href="/" aria-label={t`Emerging Tech, front page`} className="inline-flex rounded-2">
            <Logo />
          </a>
        </header>
        <main id="main" tabIndex={-1} className="mt-6 grid w-full max-w-[480px] gap-5 py-2 sm:m-auto sm:gap-[22px] sm:py-6">
          <div className="grid gap-2.5">
            <Track
              height={4}
              label={t`Step ${step} of 3`}
              segments={[1, 2, 3].map((at) => ({ weight: 1, spans: at <= step ? [[0, 1]] : [] }))}
            />
            <p className="t-sm text-text-2">
              <Trans>
                Step {step} of 3 · {stepName}
              </Trans>
            </p>
          </div>
          <h1 className="mb-1 t-h1">{title}</h1>
          {children}
        </main>
      </div>
      <aside className="hidden flex-col justify-center gap-5 border-s border-line bg-sunken p-16 lg:flex">{beside}</aside>
    </div>
  );
}
