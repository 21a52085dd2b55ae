import { Trans } from '@lingui/react/macro';
import { Lock } from 'lucide-react';
import { boot } from '@/lib/boot';
import { BrandScope } from '@/theme/brand-scope';
import { initials } from '@/ui/avatar';
import { Icon } from '@/ui/icon';

/** Only this picture's; a new organization begins in our blue. */
const SAMPLE = '#C4185C';

/** A browser window with the organization's sign-in page in it. A picture: nothing in it can be used. */
export function SignInPreview({ name, slug }: { name: string; slug: string }) {
  const shown = name.trim() || 'Harbour City Health';
  const host = `${slug || 'harbour-health'}.${boot().tenant_suffix}`;
  return (
    <figure className="grid gap-5">
      <BrandScope color={SAMPLE} className="overflow-hidden rounded-4 bg-canvas text-text shadow-e3">
        <div aria-hidden="true" className="select-none">
          <div className="flex h-11 items-center gap-[7px] border-b border-line bg-sunken px-4">
            {[0, 1, 2].map((dot) => (
              <span key={dot} className="size-2.5 flex-none rounded-full bg-line-2" />
            ))}
            <span className="mx-auto flex min-w-0 items-center gap-1.5 rounded-[6px] bg-surface px-3.5 py-[3px] t-xs text-text-2 ring-1 ring-line ring-inset">
              <Icon as={Lock} size={14} />
              <span className="truncate">{host}</span>
            </span>
          </div>
          <div className="grid place-items-center px-12 pt-[72px] pb-[88px]">
            <div className="grid w-full max-w-[320px] gap-4">
              <span className="grid size-11 place-items-center rounded-2 bg-brand-solid font-heading text-[22px] leading-none font-[640] text-brand-on">
                {initials(shown).slice(0, 1)}
              </span>
              <p className="t-h2 wrap-break-word">
                <Trans>Sign in to {shown}</Trans>
              </p>
              <div className="grid gap-1.5">
                <span className="text-[0.94em] font-[540]">
                  <Trans>E-mail</Trans>
                </span>
                <span className="h-11 rounded-2 border border-control bg-surface" />
              </div>
              <span className="grid h-11 place-items-center rounded-2 border border-brand-edge bg-brand-solid font-[560] text-brand-on">
                <Trans>Continue</Trans>
              </span>
            </div>
          </div>
        </div>
      </BrandScope>
      <figcaption className="text-center t-sm text-text-2">
        <Trans>What your learners will see, in an example colour. You choose yours, and a logo, in the studio.</Trans>
      </figcaption>
    </figure>
  );
}
