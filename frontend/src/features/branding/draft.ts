import { t } from '@lingui/core/macro';
import type { BrandImage, Look } from './api';

/** Everything that is edited, as the form holds it. */
export interface Draft {
  name: string;
  color: string;
  heading_font: Look['heading_font'];
  welcome_title: string;
  welcome_text: string;
  sender_name: string;
  reply_to: string;
  footer: string;
  logo_light: BrandImage | null;
  logo_dark: BrandImage | null;
  favicon: BrandImage | null;
  login_image: BrandImage | null;
}

const TEXTS = ['name', 'color', 'heading_font', 'welcome_title', 'welcome_text', 'sender_name', 'reply_to', 'footer'] as const;
const IMAGES = ['logo_light', 'logo_dark', 'favicon', 'login_image'] as const;

export function draftOf(look: Look): Draft {
  const { name, color, heading_font, welcome_title, welcome_text, sender_name, reply_to, footer } = look;
  const { logo_light, logo_dark, favicon, login_image } = look;
  return {
    name,
    color,
    heading_font,
    welcome_title,
    welcome_text,
    sender_name,
    reply_to,
    footer,
    logo_light,
    logo_dark,
    favicon,
    login_image,
  };
}

export function same(one: Draft, other: Draft): boolean {
  return TEXTS.every((name) => one[name] === other[name]) && IMAGES.every((name) => one[name]?.id === other[name]?.id);
}

export const isColor = (text: string) => /^#[0-9a-f]{6}$/i.test(text);

/** One thing that publishing changes, in the order of the form. */
export interface Change {
  field: keyof Draft;
  label: string;
  before: string;
  after: string;
}

export function changes(before: Draft, after: Draft, fontName: (key: string) => string): Change[] {
  const labels: Record<keyof Draft, string> = {
    color: t`Colour`,
    heading_font: t`Headings`,
    logo_light: t`Logo on light`,
    logo_dark: t`Logo on dark`,
    favicon: t`Icon`,
    name: t`Name shown`,
    welcome_title: t`Headline`,
    welcome_text: t`Welcome`,
    login_image: t`Sign-in picture`,
    footer: t`Footer line`,
    sender_name: t`Sender of mails`,
    reply_to: t`Replies go to`,
  };
  const words = (draft: Draft, field: keyof Draft): string => {
    const value = draft[field];
    if (value === null || value === '') return t`none`;
    if (typeof value === 'object') return t`${value.width} × ${value.height} px`;
    if (field === 'heading_font') return fontName(value);
    return field === 'color' ? value.toUpperCase() : value;
  };
  return (Object.keys(labels) as (keyof Draft)[])
    .filter((field) => {
      const [one, other] = [before[field], after[field]];
      if (one !== null && other !== null && typeof one === 'object' && typeof other === 'object') return one.id !== other.id;
      return one !== other;
    })
    .map((field) => ({ field, label: labels[field], before: words(before, field), after: words(after, field) }));
}
