const KEY = 'pmos-workspace';

/** The workspace that was open last in this browser. */
export function lastWorkspace(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export function rememberWorkspace(id: string) {
  try {
    localStorage.setItem(KEY, id);
  } catch {
    // Without storage the first workspace opens next time.
  }
}
