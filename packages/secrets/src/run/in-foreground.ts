/**
 * Whether this process's group is the one that a terminal sends its signals to, all members at once: then Ctrl-C has
 * reached a child in the group already. Where the system does not tell, it is so with a terminal to read from.
 */
export function inForeground(): boolean {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  try {
    return isForegroundStat(readFileSync('/proc/self/stat', 'utf8'));
  } catch {
    return process.stdin.isTTY;
  }
}

/** Of a line of `/proc/<pid>/stat`; the name of the program, in parentheses, may hold anything. */
export function isForegroundStat(stat: string): boolean {
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return group !== undefined && group === foreground;
}
