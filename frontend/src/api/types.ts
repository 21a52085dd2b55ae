/** Shapes of the API that more than one feature reads. */

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

export type Role = 'owner' | 'admin' | 'author' | 'instructor' | 'learner';

export interface Availability {
  slug: string;
  available: boolean;
  reason: 'taken' | 'held' | 'reserved' | 'lookalike' | 'idn' | 'format' | 'too_short' | 'too_long' | null;
  message: string;
  suggestion: string | null;
}

export interface SignUpStarted {
  token: string;
  email: string;
  resend_at: string;
  expires_at: string;
}

export interface SignUpStep {
  name: string;
  label: string;
  state: 'pending' | 'running' | 'done' | 'failed' | 'compensated';
  finished_at: string | null;
}

export interface SignUpStatus {
  state: 'unverified' | 'provisioning' | 'ready' | 'failed';
  organization: { name: string; slug: string; host: string };
  email: string;
  expires_at: string | null;
  steps: SignUpStep[];
  studio_url: string | null;
  detail: string | null;
}

export interface MemberRow {
  id: string;
  name: string;
  email: string;
  roles: Role[];
  state: string;
  last_seen_on: string | null;
}

export interface Invitation {
  id: string;
  email: string;
  role: Role;
  state: 'open' | 'expired';
  sent_at: string;
  expires_at: string;
}
