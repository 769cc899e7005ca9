import { queryOptions } from '@tanstack/react-query';
import { call } from './client';
import type { Me, SignUp } from './contract';
import { keys } from './keys';

/** Where a browser asks, there is always a person. */
const me = (answer: Promise<unknown>) => answer as Promise<Me>;

export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: () => me(call('get', '/api/v1/me')),
  staleTime: 60_000,
  retry: false,
});

export const bootstrapQuery = queryOptions({
  queryKey: keys.bootstrap,
  queryFn: () => call('get', '/api/v1/bootstrap'),
});

export const offerQuery = (token: string) =>
  queryOptions({
    queryKey: keys.offer(token),
    queryFn: () => call('get', '/api/v1/invitations/{token}', { path: { token } }),
    retry: false,
  });

export const sessionsQuery = queryOptions({
  queryKey: keys.sessions,
  queryFn: async () => (await call('get', '/api/v1/me/sessions')).items,
});

export const identity = {
  signUp: (body: SignUp) => me(call('post', '/api/v1/auth/sign-up', { body })),
  signIn: (body: { email: string; password: string }) => me(call('post', '/api/v1/auth/sign-in', { body })),
  signOut: () => call('post', '/api/v1/auth/sign-out'),
  accept: (token: string) => call('post', '/api/v1/invitations/{token}', { path: { token } }),
  askReset: (email: string) => call('post', '/api/v1/auth/reset', { body: { email } }),
  reset: (token: string, password: string) =>
    call('post', '/api/v1/auth/reset/{token}', { path: { token }, body: { password } }),
  stepUp: (password: string) => call('post', '/api/v1/me/step-up', { body: { password } }),
  rename: (name: string) => me(call('patch', '/api/v1/me', { body: { name } })),
  changePassword: (current: string, next: string) =>
    call('post', '/api/v1/me/password', { body: { current, new: next } }),
  endSession: (session: string) => call('delete', '/api/v1/me/sessions/{id}', { path: { id: session } }),
  deleteAccount: (password: string) => call('delete', '/api/v1/me', { body: { password } }),
};
