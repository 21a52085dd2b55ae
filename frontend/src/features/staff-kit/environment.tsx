import { t } from '@lingui/core/macro';
import { boot } from '@/lib/boot';

/** Where this console stands: a machine of one's own is never mistaken for the real thing. */
export function environmentWord(host: string, ownMailbox: boolean): string {
  if (ownMailbox || /(^|\.)localhost(:\d+)?$/.test(host)) return t`Local`;
  if (/(^|[.-])(staging|stage|test|preview)([.-]|$)/.test(host)) return t`Staging`;
  return t`Production`;
}

const AMBER = 'bg-env text-env-text';
const QUIET = 'bg-strip-raised text-night-text ring-1 ring-strip-line ring-inset';

/** Amber where it is real, quiet elsewhere. */
export function EnvironmentBadge() {
  const local = boot().mailbox_url !== null;
  const word = environmentWord(window.location.host, local);
  return (
    <span className={`inline-flex h-[22px] flex-none items-center rounded-1 px-2 text-[12px] leading-4 font-[560] whitespace-nowrap ${word === t`Production` ? AMBER : QUIET}`}>
      {word}
    </span>
  );
}
