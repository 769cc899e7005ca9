/** The permission of a super admin to act in a foreign workspace, kept for this tab only. */

export interface ActAs {
  id: string;
  workspace: string;
  name: string;
  expires_at: string;
}

const KEY = 'pmos-act-as';
let current: ActAs | null = read();

function read(): ActAs | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as ActAs | null;
  } catch {
    return null;
  }
}

/** The grant for this workspace, if there is one that still holds. */
export function actAs(workspace: string): ActAs | null {
  return current?.workspace === workspace && Date.parse(current.expires_at) > Date.now() ? current : null;
}

export function setActAs(grant: ActAs | null) {
  current = grant;
  try {
    if (grant) sessionStorage.setItem(KEY, JSON.stringify(grant));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Without storage the grant ends with the page.
  }
}

/** The header for a request to this path. */
export function actAsHeader(path: string): [string, string] | null {
  return current && path.startsWith(`/api/v1/workspaces/${current.workspace}`) ? ['x-pmos-act-as', current.id] : null;
}
