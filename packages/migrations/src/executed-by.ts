import { hostname, userInfo } from 'node:os';

let known: string | undefined;

/** The user and machine for the history; asked for once, as each migration needs it. */
export function executedBy(): string {
  known ??= `${userName()}@${hostname()}`;
  return known;
}

/** In containers a user often has a number only. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
