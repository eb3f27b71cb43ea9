import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** The user that a database server is to run as; undefined where we are not root and cannot choose. */
export async function userOf(name: string): Promise<SystemUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const id = async (flag: string) => Number((await promisify(execFile)('id', [flag, name])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}
