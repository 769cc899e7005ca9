import { redirect } from '@tanstack/react-router';
import { bootstrapQuery, meQuery } from '@/api/identity';
import { Problem } from '@/api/problem';
import { cache } from './cache';
import { lastWorkspace } from './last-workspace';

const signedOut = (error: unknown) => error instanceof Problem && error.status === 401;

/** Leads a person who is not signed in to the sign-in and, after it, back to where they wanted to be. */
export async function identityGate({ location }: { location: { href: string } }) {
  try {
    await cache.ensureQueryData(meQuery);
  } catch (error) {
    if (signedOut(error)) throw redirect({ to: '/sign-in', search: { next: location.href } });
    throw error;
  }
}

/** The first page: the last workspace, or the way in. */
export async function landing() {
  let me;
  try {
    me = await cache.ensureQueryData(meQuery);
  } catch (error) {
    if (!signedOut(error)) throw error;
    const { first } = await cache.ensureQueryData(bootstrapQuery);
    throw first ? redirect({ to: '/sign-up' }) : redirect({ to: '/sign-in', search: {} });
  }
  const last = lastWorkspace();
  const workspace = me.workspaces.find(({ id }) => id === last) ?? me.workspaces[0];
  throw workspace ? redirect({ to: '/w/$workspace', params: { workspace: workspace.id } }) : redirect({ to: '/account' });
}
