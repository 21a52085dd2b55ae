/** Shapes of the staff API by the names the console uses. */

export type StaffRole = 'support' | 'operations' | 'finance';
export type Method = 'totp' | 'passkey' | 'recovery';

export interface StaffSelf {
  id: string;
  name: string;
  email: string;
  roles: StaffRole[];
  permissions: string[];
}

export interface SessionAnswer {
  state: 'signed_out' | 'second_factor' | 'enrolment' | 'signed_in';
  methods: Method[];
  staff: StaffSelf | null;
  csrf?: string;
}

export interface Factors {
  totp: { confirmed: boolean };
  passkeys: { id: string; name: string; created_at: string; last_used_at: string | null }[];
  recovery_codes_left: number;
}

export interface TotpStart {
  secret: string;
  otpauth_url: string;
  qr_svg: string;
}

export interface DeviceSession {
  id: string;
  current: boolean;
  user_agent: string;
  ip: string;
  created_at: string;
  last_seen_at: string;
}

export interface StaffAccountRow {
  id: string;
  name: string;
  email: string;
  roles: StaffRole[];
  state: 'invited' | 'active' | 'suspended';
  last_seen_at: string | null;
  created_at: string;
  set_up_url?: string | null;
}

export interface OrganizationRow {
  id: string;
  name: string;
  slug: string;
  host: string;
  state: string;
  plan: string;
  members: number;
  storage_bytes: number;
  last_seen_on: string | null;
  created_at: string;
  health: { score: number; words: string };
  release: number;
  queue_lag_seconds: number;
}

export interface SavedView {
  id: string;
  name: string;
  query: string;
}

export interface LifecycleEvent {
  event: string;
  to: string;
  allowed: boolean;
  why_not: string | null;
}

export interface OrganizationDetail {
  organization: {
    id: string;
    name: string;
    slug: string;
    host: string;
    state: string;
    schema_name: string;
    cell: string;
    created_at: string;
  };
  domains: { host: string; kind: string; state: string; is_primary: boolean }[];
  plan: string;
  usage: {
    storage_bytes: number;
    limit_bytes: number | null;
    members: number;
    courses: number;
    enrollments: number;
    minutes: number;
  };
  owners: { id: string; name: string; email: string }[];
  people_total: number;
  schema: { release: number; current: number };
  queue: { pending: number; oldest_seconds: number; parked: number };
  errors: { at: string; kind: string; words: string; reference: string }[];
  state_since: string;
  lifecycle: { events: LifecycleEvent[] };
}

export interface PersonRow {
  id: string;
  name: string;
  email: string;
  roles: string[];
  state: string;
  last_seen_on: string | null;
}

export interface TimelineLine {
  id: string;
  at: string;
  kind: string;
  tone: 'fine' | 'running' | 'look' | 'failed' | 'off';
  title: string;
  detail: string;
}

export interface Note {
  id: string;
  author: string;
  body: string;
  created_at: string;
}

export interface Effects {
  event: string;
  from: string;
  to: string;
  effects: { code: string; words: string; count?: number | null }[];
  token: string;
}

export interface JobLine {
  kind: string;
  id: string;
  organization_id: string | null;
  organization_name: string | null;
  state: string;
  progress_permille: number | null;
  error: string | null;
  attempts: number;
  created_at: string;
  updated_at: string;
  can_retry: boolean;
}

export interface FlagRule {
  kind: 'organization' | 'plan' | 'permille';
  value: string;
}

export interface Flag {
  key: string;
  description: string;
  owner: string;
  expires_on: string;
  expired: boolean;
  kill: boolean;
  rules: FlagRule[];
}

export interface Announcement {
  id: string;
  title: string;
  body: string;
  surfaces: ('learn' | 'studio' | 'staff')[];
  audience: { organizations?: string[]; plans?: string[]; roles?: string[] };
  starts_at: string;
  ends_at: string | null;
  tone: 'info' | 'warning' | 'danger' | 'success';
  state: 'scheduled' | 'showing' | 'ended';
}

export interface Fleet {
  organizations: { by_state: Record<string, number>; total: number };
  sign_ups_per_day: { day: string; count: number }[];
  releases: { number: number; count: number }[];
  queues: { name: string; pending: number; oldest_seconds: number }[];
  outbox: { pending: number; parked: number; lag_seconds: number };
  storage_bytes: number;
  transcodes: { waiting: number; running: number; failed_24h: number };
  largest: { id: string; name: string; storage_bytes: number; members: number }[];
  errors: { at: string; kind: string; words: string; organization_id: string | null; organization_name: string | null }[];
}

export interface AuditEntry {
  id: string;
  at: string;
  actor: string;
  action: string;
  organization_id: string | null;
  organization_name: string | null;
  object_type: string;
  object_id: string;
  changes: Record<string, unknown>;
  reason: string;
  ticket: string;
  ip: string | null;
}

export interface SupportGrant {
  id: string;
  state: 'awaiting_consent' | 'active' | 'ended';
  organization: string;
  member: string | null;
  staff: string;
  reason: string;
  ticket: string;
  scope: 'read' | 'write';
  minutes: number;
  requested_at: string;
  starts_at: string | null;
  expires_at: string;
  ended_at: string | null;
  end_reason: string;
  location: string | null;
}

export interface ArchiveLine {
  id: string;
  state: string;
  progress_permille: number | null;
  error: string | null;
  size_bytes: number | null;
  created_at: string;
  finished_at: string | null;
  expires_at: string | null;
  download_url: string | null;
}

export interface RestoreDetail {
  id: string;
  archive_id: string;
  state: string;
  progress_permille: number | null;
  error: string | null;
  created_at: string;
  comparison: { table: string; live: number; restored: number; equal: boolean }[] | null;
}
