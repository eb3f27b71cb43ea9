import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname } from 'node:path';

/** What every process gets: a service or daemon sees what it was given, not what the deployer happened to have. */
export function baseVariables(): Record<string, string> {
  const path = [dirname(process.execPath), process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin'].join(delimiter);
  return {
    PATH: path,
    HOME: homedir(),
    TMPDIR: tmpdir(),
    LANG: process.env.LANG ?? 'C.UTF-8',
    ...(process.env.TZ === undefined ? {} : { TZ: process.env.TZ }),
  };
}
