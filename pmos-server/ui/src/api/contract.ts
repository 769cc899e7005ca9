/** Shapes of the wire, as the server documents them. */

export type Role = 'viewer' | 'member' | 'workspace_admin';

export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface Me {
  user: { id: string; name: string; email: string; super_admin: boolean };
  workspaces: { id: string; name: string; role: Role }[];
}

export interface Bootstrap {
  sign_up: 'open' | 'invitation';
  first: boolean;
  setup_code_required: boolean;
}

export interface Session {
  id: string;
  current: boolean;
  created_at: string;
  last_used_at: string;
  address: string;
  user_agent: string;
}

export interface InvitationOffer {
  workspace: { id: string; name: string };
  role: Role;
  invited_by: string | null;
  email: string;
  account_exists: boolean;
}

export interface Workspace {
  id: string;
  name: string;
  time_zone: string;
  default_engine: string;
  retention_days: number;
  created_at: string;
}

export interface Member {
  user: string;
  name: string;
  email: string;
  role: Role;
  joined_at: string;
}

export interface Invitation {
  id: string;
  email: string;
  role: Role;
  invited_by: string;
  created_at: string;
  expires_at: string;
}

export interface ApiKey {
  id: string;
  name: string;
  scopes: string[];
  prefix: string;
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  service: boolean;
}

export type RunStatus =
  | 'queued'
  | 'running'
  | 'waiting'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'timed_out'
  | 'needs_attention';

export type StepStatus = 'queued' | 'running' | 'waiting' | 'succeeded' | 'failed' | 'skipped' | 'cancelled' | 'unknown';

export interface Iteration {
  index: number;
  status: StepStatus;
  steps: StepRun[];
}

export interface StepRun {
  id: string;
  name: string;
  status: StepStatus;
  started_at?: string | null;
  duration_ms?: number | null;
  input?: unknown;
  output?: unknown;
  attempt?: number;
  error?: string | null;
  iterations?: Iteration[] | null;
}

export interface RunSummary {
  id: string;
  flow: string;
  engine: string;
  version: number | null;
  status: RunStatus;
  trigger: 'webhook' | 'manual';
  started_by: string | null;
  started_at: string;
  finished_at: string | null;
  duration_ms: number | null;
  error: string | null;
  result?: unknown;
}

export interface Run extends RunSummary {
  steps: StepRun[];
}

export interface Retry {
  times: number;
  backoff_s?: number;
}

export type Settings = Record<string, unknown>;

export interface NewStep {
  id?: string;
  name?: string;
  kind?: 'trigger' | 'action';
  piece: string;
  operation: string;
  settings?: Settings;
  connection?: string | null;
  skip?: boolean;
  on_error?: 'stop' | 'continue';
  retry?: Retry | null;
  timeout_s?: number | null;
}

export interface Step extends NewStep {
  id: string;
  name: string;
  kind: 'trigger' | 'action';
  settings: Settings;
}

export interface Edge {
  from: string;
  port: string;
  to: string;
  input?: string;
}

export interface Graph {
  steps: Step[];
  edges: Edge[];
}

export type FlowEdit =
  | { op: 'rename'; name: string }
  | { op: 'add_step'; step: NewStep; after?: string; port?: string }
  | { op: 'replace_step'; id: string; step: NewStep }
  | { op: 'update_step'; id: string; set: Record<string, unknown> }
  | { op: 'remove_step'; id: string; keep_following?: boolean }
  | { op: 'move_step'; id: string; after: string; port: string }
  | { op: 'duplicate_step'; id: string };

export interface Issue {
  step?: string | null;
  field?: string | null;
  code: string;
  message: string;
}

export interface Flow {
  id: string;
  engine: string;
  name: string;
  enabled: boolean;
  revision: string;
  hook_url?: string | null;
  published?: { version: number; at: string } | null;
  pending: boolean;
  issues: Issue[];
  draft: Graph;
  merged?: boolean;
}

export interface FlowSummary {
  id: string;
  engine: string;
  name: string;
  enabled: boolean;
  revision: string;
  published?: { version: number; at: string } | null;
  pending: boolean;
  issues_count: number;
  trigger: string | null;
  last_run?: { id: string; status: RunStatus; at: string } | null;
  updated_at: string;
}

export interface Template {
  name: string;
  title: string;
  summary: string;
  engine: string;
  steps: { name: string; piece: string; operation: string }[];
}

export interface Condition {
  field: string;
  operator: 'equals' | 'not_equals' | 'in' | 'not_in' | 'set' | 'not_set';
  values?: unknown[];
}

export interface FieldOption {
  value: unknown;
  label: string;
}

export type FieldKind =
  | { type: 'text' | 'long_text' | 'secret' | 'number' | 'boolean' | 'date_time' | 'color' }
  | { type: 'key_value' | 'conditions' | 'json' | 'file' | 'hint' }
  | { type: 'select'; options: FieldOption[] }
  | { type: 'multi_select'; options: FieldOption[] }
  | { type: 'dynamic'; depends_on: string[]; search: boolean; multiple: boolean }
  | { type: 'dynamic_group'; depends_on: string[] }
  | { type: 'locator'; modes: Field[] }
  | { type: 'list'; of: FieldKind }
  | { type: 'group'; fields: Field[] }
  | { type: 'optional_group'; fields: Field[] }
  | { type: 'code'; language: string };

export interface Field {
  name: string;
  title: string;
  help?: string | null;
  kind: FieldKind;
  required?: boolean;
  default?: unknown;
  visible_when?: Condition | null;
  expressions?: boolean;
}

export interface OperationSummary {
  name: string;
  kind: 'trigger' | 'action';
  title: string;
  help?: string;
}

export interface PieceSummary {
  name: string;
  title: string;
  logo?: string | null;
  categories: string[];
  operations: OperationSummary[];
}

export interface Operation extends OperationSummary {
  help: string;
  fields: Field[];
  outputs: string[];
  ports_from?: string | null;
  connection?: boolean;
  sample?: unknown;
  effect: 'pure' | 'read' | 'write';
}

export interface Piece extends PieceSummary {
  auth: ConnectionKind[];
  operations: Operation[];
}

export type ConnectionKind = 'bearer' | 'basic' | 'header' | 'query';

export interface Connection {
  id: string;
  name: string;
  kind: ConnectionKind;
  hosts: string[];
  engine?: string;
  last_four?: string | null;
  created_at: string;
  updated_at: string;
  used_by: { id: string; name: string }[];
}

export type Secret =
  | { token: string }
  | { username: string; password: string }
  | { name: string; value: string };

export interface ConnectionTest {
  ok: boolean | null;
  message: string;
}

export interface Usage {
  key: string;
  limit: number | null;
  /** None where counting would be guessing. */
  used: number | null;
  resets_at: string | null;
}

export interface Dashboard {
  window: string;
  runs: {
    total: number;
    by_status: Partial<Record<RunStatus, number>>;
    success_rate: number | null;
    p50_ms: number | null;
    p95_ms: number | null;
    series: { at: string; succeeded: number; failed: number; other: number }[];
  };
  failing_flows: { id: string; name: string; failures: number; last_error: string | null; last_at: string }[];
  approvals: number;
  usage: Usage[];
  recent_runs: RunSummary[];
  setup: { done: number; total: number; steps: { name: string; done: boolean }[] };
  health: { name: string; ok: boolean; message: string }[];
}

export interface AuditRecord {
  id: string;
  seq: number;
  at: string;
  actor: { kind: string; id: string; name?: string | null };
  action: string;
  outcome: 'done' | 'denied' | 'begun' | 'failed';
  subject?: { kind: string; id: string } | null;
  ip?: string | null;
  request_id: string;
  note?: string | null;
}

export interface AuditCheck {
  ok: boolean;
  records: number;
  head: string;
  broken_at?: number | null;
}

export interface WorkspaceSummary {
  id: string;
  name: string;
  members: number;
  flows: number;
  created_at: string;
}

export interface ServerEvent {
  type: string;
  at: string;
  actor?: { kind: string; id: string };
  object: { kind: string; id: string };
  data?: Record<string, unknown>;
}
