import type { components } from './schema';

/**
 * Shapes of the API by the names the front end uses. All of them are the generated ones: when the API changes, the
 * types change with `npm run api`, and what no longer fits fails to compile.
 */
type Schemas = components['schemas'];

export interface Page<Item> {
  items: Item[];
  /** Address of the next page on this host, or null. */
  next: string | null;
}

export type Role = Schemas['RoleEnum'];
export type MeAnswer = Schemas['MeOut'];

export type Availability = Schemas['AvailabilityOut'];
export type SignUpStarted = Schemas['StartedOut'];
export type SignUpStatus = Schemas['SignUpStatusOut'];
export type SignUpStep = Schemas['StepOut'];
export type Terms = Schemas['TermsOut'];

export type MemberRow = Schemas['MemberOut'];
export type Invitation = Schemas['InvitationOut'];
export type Offer = Schemas['OfferOut'];

export type CourseRow = Schemas['CourseOut'];
export type AssetRow = Schemas['AssetOut'];

export type SupportAccess = Schemas['SupportAccessOut'];
export type SupportGrant = Schemas['SupportGrantOut'];
export type AuditEntry = Schemas['AuditEntryOut'];
export type AuditGroup = Schemas['AuditGroupOut'];
export type AuditState = Schemas['AuditStateOut'];

export type Domains = Schemas['DomainsOut'];
export type DomainRow = Schemas['DomainOut'];
export type DomainRecord = Schemas['RecordOut'];
export type AddressPreview = Schemas['AddressPreviewOut'];
export type Renamed = Schemas['RenamedOut'];

export type FirstRun = Schemas['FirstRunOut'];
export type FirstStep = Schemas['FirstStepOut'];
export type Usage = Schemas['UsageOut'];
export type BillingUsage = Schemas['BillingUsageOut'];
export type DataExport = Schemas['ExportOut'];
export type ExportLink = Schemas['LinkOut'];
export type Meter = Schemas['MeterOut'];
