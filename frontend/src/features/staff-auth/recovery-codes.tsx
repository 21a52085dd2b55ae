import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Check, Copy, Printer } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/ui/button';
import { Checkbox } from '@/ui/checkbox';
import { Icon } from '@/ui/icon';

/** Shown once. Going on asks whether they are kept, because nobody can show them again. */
export function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const [kept, setKept] = useState(false);
  const [copied, setCopied] = useState(false);
  return (
    <div className="grid gap-5">
      <ol aria-label={t`Recovery codes`} className="grid gap-x-6 sm:grid-cols-2 gap-y-2 rounded-3 bg-surface p-4 ring-1 ring-line-2 ring-inset">
        {codes.map((code) => (
          <li key={code} className="mono text-[14px] whitespace-nowrap">
            {code}
          </li>
        ))}
      </ol>
      <div className="flex flex-wrap gap-2 print:hidden">
        <Button
          icon={<Icon as={copied ? Check : Copy} />}
          onClick={() => void navigator.clipboard?.writeText(codes.join('\n')).then(() => setCopied(true))}
        >
          <span aria-live="polite">{copied ? <Trans>Copied</Trans> : <Trans>Copy</Trans>}</span>
        </Button>
        <Button icon={<Icon as={Printer} />} onClick={() => window.print()}>
          <Trans>Print</Trans>
        </Button>
      </div>
      <div className="grid gap-4 border-t border-line pt-4 print:hidden">
        <Checkbox checked={kept} onChange={setKept} label={<Trans>I keep them where others cannot read them</Trans>} />
        <Button variant="primary" wide className="h-9! pointer-coarse:h-11!" {...(kept ? {} : { disabledReason: t`Keep them first.` })} onClick={onDone}>
          <Trans>Go on</Trans>
        </Button>
      </div>
    </div>
  );
}
