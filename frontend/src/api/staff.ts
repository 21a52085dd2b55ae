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
export type Plan = OrganizationDetail['plan'];
export type PersonRow = Schemas['PersonOut'];
export type TimelineLine = Schemas['MomentOut'];
export type Note = Schemas['NoteOut'];
export type Effects = Schemas['TransitionEffectsOut'];
export type Transition = Schemas['TransitionOut'];

export type JobLine = Schemas['JobOut'];
export type JobList = Schemas['JobList'];
export type FlagRule = Schemas['FlagRuleIO'];
export type Flag = Schemas['FlagOut'];
export type Incident = Schemas['IncidentOut'];
export type IncidentUpdate = Schemas['IncidentUpdateOut'];
export type PublicStatus = Schemas['StatusOut'];
export type Violation = Schemas['ViolationOut'];
export type Announcement = Schemas['AnnouncementOut'];
export type Fleet = Schemas['FleetOut'];
export type AuditEntry = Schemas['AuditEntryOut'];
export type SupportGrant = Schemas['StaffSupportGrantOut'];

export type ArchiveLine = Schemas['StaffExportOut'];
export type RestoreDetail = Schemas['RestoreOut'];
export type ComparedTable = Schemas['ComparedTableOut'];
export type DeletionReport = Schemas['DeletionReportOut'];

export type Capacity = Schemas['CapacityOut'];
export type Connections = Schemas['BackendsOut'];
export type IdleOrganization = Schemas['IdleLine'];
export type IdlePage = Schemas['IdlePage'];
export type Release = Schemas['ReleaseOut'];
export type ReleaseOrganization = Schemas['ReleaseOrganizationOut'];
export type DriftReport = Schemas['DriftListOut'];
export type Dispatcher = Schemas['DispatcherOut'];
export type WorkLane = Schemas['LaneOut'];
export type Delivery = Schemas['DeliveryOut'];
export type Distribution = Schemas['DistributionOut'];
export type Quota = Schemas['QuotaOut'];
export type Standing = Schemas['StandingOut'];
export type StandingPage = Schemas['StandingPage'];
export type Cell = Schemas['CellOut'];
export type Move = Schemas['MoveOut'];

export type Finance = Schemas['FinanceOut'];
export type Revenue = Schemas['RevenueOut'];
export type RevenueMonth = Schemas['MonthOut'];
export type Cohort = Schemas['CohortOut'];
export type Owed = Schemas['OwedOut'];
export type Movement = Schemas['MovementOut'];
export type ComparisonLine = Schemas['ReconciliationLine'];
export type Comparison = Schemas['ReconciliationOut'];
export type Difference = Schemas['DifferenceOut'];
export type BillingPanel = Schemas['PanelOut'];
export type PanelSubscription = Schemas['PanelSubscription'];
export type PanelFeature = Schemas['PanelFeature'];
export type VersionPreview = Schemas['VersionPreviewOut'];
export type SoldPlan = Schemas['PlanOut'];
export type PlanList = Schemas['PlanListOut'];
export type StripeEventLine = Schemas['EventLine'];
export type StripeEventDetail = Schemas['EventOut'];
export type StripeInbox = Schemas['InboxOut'];
