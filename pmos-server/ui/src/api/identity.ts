import { queryOptions } from '@tanstack/react-query';
import { call } from './client';
import type { Bootstrap, InvitationOffer, Me, Page, Session } from './contract';
import { keys } from './keys';

export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: () => call<Me>('get', '/api/v1/me'),
  staleTime: 60_000,
  retry: false,
});

export const bootstrapQuery = queryOptions({
  queryKey: keys.bootstrap,
  queryFn: () => call<Bootstrap>('get', '/api/v1/bootstrap'),
});

export const offerQuery = (token: string) =>
  queryOptions({
    queryKey: keys.offer(token),
    queryFn: () => call<InvitationOffer>('get', '/api/v1/invitations/{token}', { path: { token } }),
    retry: false,
  });

export const sessionsQuery = queryOptions({
  queryKey: keys.sessions,
  queryFn: async () => (await call<Page<Session>>('get', '/api/v1/me/sessions')).items,
});

export interface SignUp {
  name: string;
  email: string;
  password: string;
  workspace_name?: string;
  invitation?: string;
  setup_code?: string;
}

export const identity = {
  signUp: (body: SignUp) => call<Me>('post', '/api/v1/auth/sign-up', { body }),
  signIn: (body: { email: string; password: string }) => call<Me>('post', '/api/v1/auth/sign-in', { body }),
  signOut: () => call<void>('post', '/api/v1/auth/sign-out'),
  accept: (token: string) => call<unknown>('post', '/api/v1/invitations/{token}', { path: { token } }),
  askReset: (email: string) => call<{ detail: string }>('post', '/api/v1/auth/reset', { body: { email } }),
  reset: (token: string, password: string) =>
    call<void>('post', '/api/v1/auth/reset/{token}', { path: { token }, body: { password } }),
  stepUp: (password: string) => call<void>('post', '/api/v1/me/step-up', { body: { password } }),
  rename: (name: string) => call<Me>('patch', '/api/v1/me', { body: { name } }),
  changePassword: (current: string, next: string) =>
    call<void>('post', '/api/v1/me/password', { body: { current, new: next } }),
  endSession: (session: string) => call<void>('delete', '/api/v1/me/sessions/{id}', { path: { id: session } }),
  deleteAccount: (password: string) => call<void>('delete', '/api/v1/me', { body: { password } }),
};
