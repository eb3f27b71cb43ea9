import { hostname, userInfo } from 'node:os';

/** The user and machine for the history. */
export function executedBy(): string {
  return `${userName()}@${hostname()}`;
}

/** In containers a user often has a number only. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
