import { queryOptions } from '@tanstack/react-query';
import { call } from './client';
import type { ApprovalRules, ApprovalStatus } from './contract';
import { keys } from './keys';
import { pages } from './lists';

const W = '/api/v1/workspaces/{w}';
const ONE = `${W}/approvals/{approval}` as const;

/** Requests for approval, newest first; all of them without a status. */
export const approvalsQuery = (w: string, status?: ApprovalStatus) =>
  pages(keys.of(w, 'approvals', status ?? 'all'), (paging) => call('get', `${W}/approvals`, { path: { w }, query: { status, ...paging } }));

export const approvalQuery = (w: string, approval: string) =>
  queryOptions({ queryKey: keys.of(w, 'approval', approval), queryFn: () => call('get', ONE, { path: { w, approval } }) });

export const grantsQuery = (w: string) => pages(keys.noun(w, 'grants'), (query) => call('get', `${W}/grants`, { path: { w }, query }));

export const policyQuery = (w: string) =>
  queryOptions({ queryKey: keys.noun(w, 'approval-policy'), queryFn: () => call('get', `${W}/approvals/policy`, { path: { w } }) });

/** What a person says, and with what. */
export interface Verdict {
  decision: 'approve' | 'deny';
  /** Other arguments than were asked for. */
  arguments?: Record<string, unknown>;
  /** For how many seconds exactly the same need not be asked for again. */
  grant_for?: number;
}

export const approvals = {
  decide: (w: string, approval: string, body: Verdict) => call('post', `${ONE}/decision`, { path: { w, approval }, body }),
  setPolicy: (w: string, body: ApprovalRules) => call('put', `${W}/approvals/policy`, { path: { w }, body }),
  revoke: (w: string, grant: string) => call('delete', `${W}/grants/{grant}`, { path: { w, grant } }),
};
