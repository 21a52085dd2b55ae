import type { MeAnswer } from '@/api/types';

/** Who is signed in, with what they may do. */
export type Me = Omit<MeAnswer, 'csrf'>;

/** A logo in three heights (32, 64, 128 px); `ratio` is its width to its height. */
export interface LogoFiles {
  h32: string;
  h64: string;
  h128: string;
  ratio: number;
}

/** One for each mode; where only one was given, both are it. */
export interface BrandLogo {
  light: LogoFiles;
  dark: LogoFiles;
}

export interface Brand {
  name: string;
  logo: BrandLogo | null;
  color?: string;
  welcome_title?: string;
  welcome_text?: string;
  footer?: string;
  login_image?: { w800: string; w1600: string; ratio: number } | null;
  /** The organization's rules, where the page itself is ours: for marks and previews inside our own chrome. */
  theme_css?: string | null;
}

/** What the server knows about this page before anything is fetched. It stands in the shell as JSON. */
export interface Boot {
  surface: 'site' | 'learn' | 'studio' | 'staff';
  organization: { id: string; name: string; slug: string; host: string } | null;
  me: Me | null;
  csrf: string;
  /** Origin of the public site, without a slash at the end. */
  site_url: string;
  tenant_suffix: string;
  /** Where local mail can be read; only where mail never leaves the machine. */
  mailbox_url: string | null;
  locale: string;
  brand: Brand;
}

const NOTHING: Boot = {
  surface: 'site',
  organization: null,
  me: null,
  csrf: '',
  site_url: '',
  tenant_suffix: '',
  mailbox_url: null,
  locale: 'en',
  brand: { name: '', logo: null },
};

function parse(html: Document): Boot {
  const text = html.getElementById('boot')?.textContent;
  return text ? { ...NOTHING, ...(JSON.parse(text) as Boot) } : NOTHING;
}

let current: Boot | undefined;
const listeners = new Set<() => void>();

export function boot(): Boot {
  current ??= parse(document);
  return current;
}

/** Replaces parts of what was booted: the member and the token for writes after a login in place. */
export function updateBoot(change: Partial<Boot>): void {
  current = { ...boot(), ...change };
  for (const listener of listeners) listener();
}

export function onBoot(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** For tests: start from a given page. */
export function setBoot(value: Partial<Boot>): void {
  current = { ...NOTHING, ...value };
}
