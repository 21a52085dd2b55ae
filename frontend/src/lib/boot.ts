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

/** Somebody of the support team looks in: what the bar above every page says. */
export interface SupportBanner {
  staff: string;
  organization: string;
  /** Whose view it is, or nobody's. */
  member: string | null;
  scope: 'read' | 'write';
  expires_at: string;
  seconds_left: number;
  console_url: string;
}

/** A few lines of the platform; `body` is plain text. */
export interface BootAnnouncement {
  id: string;
  title: string;
  body: string;
  tone: 'info' | 'success' | 'warning' | 'danger';
  starts_at: string;
  ends_at: string | null;
}

/** How what the organization buys stands; only owners are told. */
export interface BillingStanding {
  state: 'trialing' | 'active' | 'past_due' | 'read_only' | 'canceled';
  is_at_stripe: boolean;
  /** Given by the platform until the trial's end: nothing is charged for it. */
  is_comp: boolean;
  /** Invoices are sent, to be paid within 30 days; otherwise a card is charged. */
  is_invoiced: boolean;
  trial_end_at: string | null;
  past_due_since_at: string | null;
  /** Since when nothing may be changed; while a payment is late, or there are more people than seats, when that would begin. */
  read_only_at: string | null;
  /** Since when more people may sign in than seats are paid for. */
  crowded_since_at: string | null;
  /** An invoice of a plan that is over is unpaid: before it is paid no other can be chosen. */
  owes: boolean;
  cancel_at: string | null;
  /** The payment provider's own instant, which a sandbox moves ahead of ours. */
  now: string;
}

export interface BootOrganization {
  id: string;
  name: string;
  slug: string;
  host: string;
  /** `read_only`: nothing can be changed in the studio. `pending_deletion`: its owners alone, to call that off. */
  state?: 'active' | 'read_only' | 'pending_deletion';
}

/** What the server knows about this page before anything is fetched. It stands in the shell as JSON. */
export interface Boot {
  surface: 'site' | 'learn' | 'studio' | 'staff';
  organization: BootOrganization | null;
  me: Me | null;
  support: SupportBanner | null;
  csrf: string;
  /** Origin of the public site, without a slash at the end. */
  site_url: string;
  tenant_suffix: string;
  /** Where local mail can be read; only where mail never leaves the machine. */
  mailbox_url: string | null;
  locale: string;
  /** Features that this organization has and not everybody has yet. */
  flags: readonly string[];
  /** What the platform tells this person on this surface now. */
  announcements: BootAnnouncement[];
  /** Absent for whoever does not pay. */
  billing?: BillingStanding | null;
  brand: Brand;
}

const NOTHING: Boot = {
  surface: 'site',
  organization: null,
  me: null,
  support: null,
  csrf: '',
  site_url: '',
  tenant_suffix: '',
  mailbox_url: null,
  locale: 'en',
  flags: [],
  announcements: [],
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
