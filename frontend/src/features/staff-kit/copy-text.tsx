import { t } from '@lingui/core/macro';
import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from '@/ui/icon-button';

/** Puts `text` on the clipboard and says so for a moment. */
export function CopyText({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <IconButton
      size="sm"
      icon={copied ? Check : Copy}
      iconSize={14}
      label={copied ? t`Copied` : t`Copy ${what}`}
      onClick={() => {
        void navigator.clipboard?.writeText(text).then(() => {
          setCopied(true);
          setTimeout(() => setCopied(false), 2000);
        });
      }}
    />
  );
}
