type Action = 'delete' | 'pull' | 'push';

/** What a request needs leave for. */
export interface Permission {
  readonly registry: URL;
  /** With the namespace. */
  readonly repository: string;
  readonly action: Action;
  /** The same as token services read it: `repository:<name>:<action>,<action>`. */
  readonly scopes: readonly string[];
}

export interface PermissionOptions {
  readonly registry: URL;
  readonly repository: string;
  readonly action: Action;
  /** A repository that is read besides. */
  readonly from?: string | undefined;
}

const actions: Readonly<Record<Action, string>> = { pull: 'pull', push: 'pull,push', delete: 'pull,delete' };

export function permissionTo({ registry, repository, action, from }: PermissionOptions): Permission {
  const scopes = [`repository:${repository}:${actions[action]}`];
  if (from !== undefined) scopes.push(`repository:${from}:pull`);
  return { registry, repository, action, scopes };
}
