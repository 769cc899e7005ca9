import { createContext, useContext } from 'react';
import type { ActAs } from '@/api/act-as';
import type { Role } from '@/api/contract';
import { missingRole, type Right } from '@/api/rights';
import { m } from '@/messages/en';

export interface WorkspaceHere {
  id: string;
  name: string;
  role: Role;
  /** Set while a super admin acts here without being a member. */
  acting: ActAs | null;
}

const Context = createContext<WorkspaceHere | null>(null);

export const WorkspaceProvider = Context.Provider;

/** The workspace of the page. */
export function useWorkspace(): WorkspaceHere {
  const here = useContext(Context);
  if (!here) throw new Error('outside a workspace');
  return here;
}

/** Why the person may not do this here; nothing when they may. */
export function useReason(right: Right): string | null {
  const missing = missingRole(useWorkspace().role, right);
  return missing ? m.why.role(m.role[missing].toLowerCase()) : null;
}
