import type { components } from './staff-schema';

/**
 * Shapes of the staff API by the names the console uses: the generated ones (`npm run api`), so that what no longer
 * fits fails to compile.
 */
type Schemas = components['schemas'];

export type SessionAnswer = Schemas['SessionOut'];
export type StaffSelf = Schemas['StaffSelf'];
export type StaffRole = StaffSelf['roles'][number];
export type Method = Schemas['MethodsEnum'];
export type Factors = Schemas['FactorsOut'];
export type TotpStart = Schemas['TotpStartOut'];
export type DeviceSession = Schemas['DeviceOut'];
export type StaffAccountRow = Schemas['StaffAccountOut'];

export type OrganizationRow = Schemas['OrganizationLine'];
export type OrganizationPage = Schemas['OrganizationPage'];
export type Facets = Schemas['Facets'];
export type SavedView = Schemas['SavedViewOut'];
export type OrganizationDetail = Schemas['OrganizationOut'];
export type LifecycleEvent = Schemas['LifecycleChoice'];
export type Plan = Schemas['PlanEnum'];
export type PersonRow = Schemas['PersonOut'];
export type TimelineLine = Schemas['MomentOut'];
export type Note = Schemas['NoteOut'];
export type Effects = Schemas['TransitionEffectsOut'];
export type Transition = Schemas['TransitionOut'];

export type JobLine = Schemas['JobOut'];
export type JobList = Schemas['JobList'];
export type FlagRule = Schemas['FlagRuleIO'];
export type Flag = Schemas['FlagOut'];
export type Announcement = Schemas['AnnouncementOut'];
export type Fleet = Schemas['FleetOut'];
export type AuditEntry = Schemas['AuditEntryOut'];
export type SupportGrant = Schemas['StaffSupportGrantOut'];

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
