import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Copy, Download, Printer } from 'lucide-react';
import { useState } from 'react';
import { boot } from '@/lib/boot';
import { day } from '@/lib/time';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Icon } from '@/ui/icon';
import { Notice } from '@/ui/notice';

const spaced = (code: string) => `${code.slice(0, 4)} ${code.slice(4)}`;

function sheet(codes: readonly string[]): string {
  const { brand, me } = boot();
  return [
    t`Recovery codes for ${brand.name}`,
    me?.member.email ?? '',
    t`Made on ${day(new Date().toISOString())}. Each code works once.`,
    '',
    ...codes.map(spaced),
    '',
  ].join('\n');
}

function download(codes: readonly string[]): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([sheet(codes)], { type: 'text/plain' }));
  link.download = 'recovery-codes.txt';
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Prints the sheet alone, not the page around it. */
function print(codes: readonly string[]): void {
  const frame = document.createElement('iframe');
  frame.hidden = true;
  document.body.append(frame);
  const page = frame.contentDocument;
  const window = frame.contentWindow;
  if (page && window) {
    const text = page.createElement('pre');
    text.textContent = sheet(codes);
    page.body.append(text);
    window.addEventListener('afterprint', () => frame.remove());
    window.print();
  }
}

/** Ten codes, shown this once, with every way to keep them. */
export function CodesList({ codes }: { codes: readonly string[] }) {
  const [copied, setCopied] = useState(false);
  return (
    <div className="grid gap-4">
      <ol aria-label={t`Recovery codes`} className="grid grid-cols-2 gap-x-6 gap-y-1.5 rounded-3 bg-sunken px-5 py-4 ring-1 ring-line ring-inset">
        {codes.map((code) => (
          <li key={code} className="mono">
            {spaced(code)}
          </li>
        ))}
      </ol>
      <div className="flex flex-wrap gap-2">
        <Button
          size="sm"
          icon={<Icon as={Copy} />}
          onClick={() => void navigator.clipboard.writeText(sheet(codes)).then(() => setCopied(true))}
        >
          <span aria-live="polite">{copied ? <Trans>Copied</Trans> : <Trans>Copy</Trans>}</span>
        </Button>
        <Button size="sm" icon={<Icon as={Download} />} onClick={() => download(codes)}>
          <Trans>Download</Trans>
        </Button>
        <Button size="sm" icon={<Icon as={Printer} />} onClick={() => print(codes)}>
          <Trans>Print</Trans>
        </Button>
      </div>
    </div>
  );
}

/** Over the page, until the person says that they have them. */
export function CodesDialog({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  return (
    <Dialog
      open
      sticky
      onOpenChange={() => undefined}
      title={<Trans>Keep your recovery codes</Trans>}
      description={<Trans>When your phone is lost, one of these gets you in instead. We show them this once.</Trans>}
      actions={
        <Button variant="primary" onClick={onClose}>
          <Trans>I have kept them</Trans>
        </Button>
      }
    >
      <CodesList codes={codes} />
      <Notice tone="neutral" className="mt-4">
        <Trans>Keep them apart from your phone and your password: printed in a drawer, or in a password manager.</Trans>
      </Notice>
    </Dialog>
  );
}
