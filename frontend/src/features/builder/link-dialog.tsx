import { Trans } from '@lingui/react/macro';
import { type FormEvent, useState } from 'react';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';

/** The address as a browser would take it, or null where it leads nowhere a lesson may lead. */
export function linkFrom(text: string): string | null {
  const given = text.trim();
  if (!given || /\s/.test(given)) return null;
  const mail = /^[^@/:]+@[^@/:]+\.[^@/:]+$/.test(given);
  const address = mail ? `mailto:${given}` : /^[a-z][a-z0-9+.-]*:/i.test(given) && !/^[^/:]+:\d+(\/|$)/.test(given) ? given : `https://${given}`;
  try {
    const url = new URL(address);
    if (!['http:', 'https:', 'mailto:'].includes(url.protocol)) return null;
    return url.protocol === 'mailto:' || url.hostname ? url.href : null;
  } catch {
    return null;
  }
}

export function LinkDialog({ href, onLink, onClose }: { href: string; onLink: (href: string | null) => void; onClose: () => void }) {
  const [text, setText] = useState(href);
  const [wrong, setWrong] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const address = linkFrom(text);
    if (address === null) return setWrong(true);
    onLink(address);
    onClose();
    return undefined;
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      size="sm"
      title={<Trans>Link</Trans>}
      actions={
        <>
          {href ? (
            <Button
              variant="ghost"
              onClick={() => {
                onLink(null);
                onClose();
              }}
            >
              <Trans>Remove link</Trans>
            </Button>
          ) : (
            <Button variant="ghost" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
          )}
          <Button variant="primary" type="submit" form="link-form">
            <Trans>Set link</Trans>
          </Button>
        </>
      }
    >
      <form
        id="link-form"
        noValidate
        onSubmit={(event) => {
          // The dialog stands over the page, but React's events rise to the editor below it.
          event.stopPropagation();
          submit(event);
        }}
      >
        <Field label={<Trans>Address</Trans>} error={wrong ? <Trans>Give a full web address or an e-mail address.</Trans> : undefined}>
          <Input
            autoFocus
            inputMode="url"
            placeholder="https://"
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setWrong(false);
            }}
          />
        </Field>
      </form>
    </Dialog>
  );
}
