import { t } from '@lingui/core/macro';
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { IconButton } from '@/ui/icon-button';

/** A value that is typed elsewhere: in one piece, with a button that copies it. */
export function Copyable({ value, label }: { value: string; label: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <span className="flex min-w-0 items-start gap-1">
      <code className="min-w-0 py-1 font-mono text-[13px] leading-5 wrap-anywhere select-all pointer-coarse:py-3">{value}</code>
      <IconButton
        size="sm"
        icon={copied ? Check : Copy}
        iconSize={14}
        label={copied ? t`Copied` : t`Copy ${label}`}
        onClick={() => void navigator.clipboard?.writeText(value).then(() => setCopied(true))}
      />
      <span aria-live="polite" className="sr-only">
        {copied ? t`Copied` : ''}
      </span>
    </span>
  );
}
