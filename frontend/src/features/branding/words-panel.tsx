import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { boot } from '@/lib/boot';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { Textarea } from '@/ui/textarea';
import { PictureField } from './picture-field';
import type { BrandDraft } from './use-brand-draft';

type PanelProps = Pick<BrandDraft, 'draft' | 'errors' | 'change'>;

function Panel({ id, title, children }: { id: string; title: ReactNode; children: ReactNode }) {
  return (
    <section aria-labelledby={id}>
      <h2 id={id} className="mb-3 t-h4 font-sans">
        {title}
      </h2>
      <div className="grid gap-4">{children}</div>
    </section>
  );
}

export function LogoPanel({ draft, change }: PanelProps) {
  const name = draft.name || (boot().organization?.name ?? '');
  return (
    <Panel id="brand-logo" title={<Trans>Logo and icon</Trans>}>
      <div className="grid grid-cols-1 gap-2 min-[360px]:grid-cols-3">
        <PictureField
          use="logo_light"
          label={t`On light`}
          value={draft.logo_light}
          instead={draft.logo_dark}
          alt={name}
          ground="bg-white text-[#161a20]"
          onChange={(logo_light) => change({ logo_light })}
        />
        <PictureField
          use="logo_dark"
          label={t`On dark`}
          value={draft.logo_dark}
          instead={draft.logo_light}
          alt={name}
          ground="bg-night text-night-text"
          onChange={(logo_dark) => change({ logo_dark })}
        />
        <PictureField use="favicon" label={t`Icon, 512 px`} value={draft.favicon} alt={name} onChange={(favicon) => change({ favicon })} />
      </div>
      <p className="-mt-1.5 t-xs text-text-3">
        <Trans>PNG, JPEG, WebP or SVG, up to 5 MB. Drop a file on a field, or press it. An SVG is drawn to pixels.</Trans>
      </p>
      <Name {...{ draft, change }} />
    </Panel>
  );
}

function Name({ draft, change }: Pick<PanelProps, 'draft' | 'change'>) {
  return (
    <Field label={<Trans>Name shown</Trans>} hint={<Trans>Beside the logo, in the tab and in mails. A wide logo stands alone.</Trans>}>
      <Input
        value={draft.name}
        maxLength={80}
        placeholder={boot().organization?.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
    </Field>
  );
}

export function WelcomePanel({ draft, errors, change }: PanelProps) {
  const left = 280 - draft.welcome_text.length;
  return (
    <Panel id="brand-welcome" title={<Trans>Welcome</Trans>}>
      <Field label={<Trans>Headline</Trans>} hint={<Trans>On the catalogue and the sign-in page.</Trans>} error={errors['welcome_title']}>
        <Input value={draft.welcome_title} maxLength={80} onChange={(event) => change({ welcome_title: event.currentTarget.value })} />
      </Field>
      <Field
        label={<Trans>Text</Trans>}
        aside={<span className="t-xs text-text-3 tabular-nums">{t`${left} left`}</span>}
        error={errors['welcome_text']}
      >
        <Textarea value={draft.welcome_text} maxLength={280} rows={3} onChange={(event) => change({ welcome_text: event.currentTarget.value })} />
      </Field>
      <PictureField
        use="login_image"
        label={t`Sign-in picture`}
        hint={<Trans>Fills the other half of the sign-in page on wide screens. 1,600 px wide is enough.</Trans>}
        value={draft.login_image}
        alt=""
        onChange={(login_image) => change({ login_image })}
      />
      <Field label={<Trans>Footer line</Trans>} hint={<Trans>Below the sign-in form, on pages that stand alone, and in mails.</Trans>} error={errors['footer']}>
        <Input value={draft.footer} maxLength={200} onChange={(event) => change({ footer: event.currentTarget.value })} />
      </Field>
    </Panel>
  );
}

export function MailPanel({ draft, errors, change }: PanelProps) {
  const name = draft.name || (boot().organization?.name ?? '');
  return (
    <Panel id="brand-mail" title={<Trans>E-mail</Trans>}>
      <Field label={<Trans>Sender</Trans>} hint={<Trans>The name that an inbox shows.</Trans>} error={errors['sender_name']}>
        <Input value={draft.sender_name} maxLength={64} placeholder={name} onChange={(event) => change({ sender_name: event.currentTarget.value })} />
      </Field>
      <Field label={<Trans>Replies go to</Trans>} hint={<Trans>An address that somebody reads. Without one, replies reach nobody.</Trans>} error={errors['reply_to']}>
        <Input
          type="email"
          value={draft.reply_to}
          maxLength={254}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => change({ reply_to: event.currentTarget.value })}
        />
      </Field>
    </Panel>
  );
}
