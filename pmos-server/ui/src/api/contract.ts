/** The shapes of the wire under the names the screens use. All come from the document that the server generates. */

import type { components, operations, paths } from './schema';

type Schemas = components['schemas'];

/** What a call that waits for an approval is answered with. */
export type Parked = Content<components['responses']['Parked']>;

/** What an operation answers once it is done. */
export type Answer<Op> = Op extends { responses: infer R } ? Exclude<Success<R>, Parked> : never;
type Success<R> = { [S in Extract<keyof R, 200 | 201 | 202 | 204>]: Content<R[S]> }[Extract<keyof R, 200 | 201 | 202 | 204>];
type Content<C> = C extends { content: { 'application/json': infer T } } ? T : void;

/** What an operation takes in its body. */
export type Body<Op> = Op extends { requestBody?: { content: { 'application/json': infer T } } } ? T : undefined;

export type { operations, paths };

export interface Page<T> {
  items: T[];
  next: string | null;
}

export type Role = Schemas['Role'];
/** Who is signed in. A browser is always a person; only keys of a workspace are not. */
export type Me = Schemas['Me'] & { user: Schemas['Person'] };
export type Bootstrap = Schemas['Bootstrap'];
export type SignUp = Schemas['SignUp'];
export type Session = Schemas['SessionView'];
export type InvitationOffer = Answer<operations['invitations.show']>;
export type Workspace = Answer<operations['workspace.get']>;
export type WorkspaceSummary = Schemas['WorkspaceSummary'];
export type Member = Schemas['MemberView'];
export type Invitation = Schemas['InvitationEntry'];
export type ApiKey = Schemas['ApiKeyView'];
export type Dashboard = Answer<operations['dashboard.get']>;
export type Usage = Schemas['QuotaUse'];
export type AuditRecord = Schemas['AuditView'];
export type AuditOutcome = NonNullable<NonNullable<operations['audit.list']['parameters']['query']>['outcome']>;
export const AUDIT_OUTCOMES: AuditOutcome[] = ['done', 'denied', 'asked', 'begun', 'failed'];
export type AuditProof = Answer<operations['audit.verify']>;

export type RunStatus = Schemas['RunStatus'];
export const RUN_STATUSES: RunStatus[] = [
  'queued',
  'running',
  'waiting',
  'succeeded',
  'failed',
  'cancelled',
  'timed_out',
  'needs_attention',
];
export type StepStatus = Schemas['StepStatus'];
export type RunSummary = Schemas['RunSummary'];
export type RetryFrom = Schemas['RetryFromInput'];
export type Run = Answer<operations['runs.get']>;
export type StepRun = Schemas['StepRun'];
export type Iteration = Schemas['Iteration'];

export type Settings = Record<string, unknown>;
export type Flow = Answer<operations['flows.get']>;
export type FlowSummary = Schemas['FlowSummary'];
export type Graph = Schemas['Graph'];
export type Step = Schemas['Step'];
export type NewStep = Schemas['NewStepInput'];
export type FlowEdit = Schemas['FlowEditInput'];
export type Issue = Schemas['Issue'];
export type Template = Schemas['TemplateSummary'];

/** What expressions of a step may refer to. */
export type Datum = Schemas['Datum'];
export type Version = Schemas['VersionSummary'];
export type Edge = Schemas['Edge'];
export type Note = Schemas['Note'];
export type HistoryEntry = Schemas['HistoryEntry'];
/** A change as it was made; `FlowEdit` is one to be made. */
export type DoneEdit = Schemas['FlowEdit'];

export type Engine = Schemas['EngineView'];
export type EngineState = Schemas['EngineState'];
export type Capabilities = Schemas['Capabilities'];
export type Fact = Schemas['Fact'];
export type Wall = Schemas['Wall'];

export type PieceSummary = Schemas['PieceSummary'];
export type Piece = Answer<operations['pieces.get']>;
export type Operation = Schemas['Operation'];
export type OperationSummary = Schemas['OperationSummary'];
export type Field = Schemas['Field'];
export type FieldKind = Schemas['FieldKind'];
export type FieldOption = Schemas['FieldOption'];
export type Condition = Schemas['Condition'];
export type Rule = Schemas['Rule'];

/** What a credential that a remote engine keeps consists of. */
export type CredentialForm = Answer<operations['connections.form']>;

export type Connection = Schemas['ConnectionView'];
/** How our own credentials sign in. Remote engines have kinds of their own. */
export type ConnectionKind = 'bearer' | 'basic' | 'header' | 'query';
export type Secret = Schemas['SecretInputInput'];

export type ChatSession = Schemas['SessionSummary'];
export type ChatTurn = Schemas['TurnRecord'];
export type ChatMessage = Schemas['Message'];
export type ChatEvent = Schemas['ChatEvent'];
export type ToolCall = Schemas['ToolCall'];
export type ToolCallStatus = Schemas['ToolCallStatus'];
export type PlanStep = Schemas['PlanStep'];
export type Deed = Schemas['Deed'];
/** What a call does to the world. */
export type Effect = Schemas['Effect'];

export type Provider = Schemas['ProviderView'];
export type ProviderKind = Schemas['ProviderKind'];
export type CatalogModel = Schemas['CatalogModel'];

export type Approval = Schemas['ApprovalView'];
export type ApprovalStatus = Schemas['ApprovalStatus'];
export type Grant = Schemas['GrantView'];
export type ApprovalPolicy = Answer<operations['approvals.policy.get']>;
export type ApprovalRules = Body<operations['approvals.policy.set']>;
export type ApprovalRule = NonNullable<ApprovalPolicy['write']>;

/** What the stream of events carries. */
export interface ServerEvent {
  type: string;
  at: string;
  actor?: { kind: string; id: string };
  object: { kind: string; id: string };
  data?: Record<string, unknown>;
}
