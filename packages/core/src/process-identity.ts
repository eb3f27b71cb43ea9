/**
 * Names a running process so that its number being used again is noticed: when it started, as the system counts it.
 * Undefined when no process has this number, or a finished one is only waiting to be collected.
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  return process.platform === 'linux' ? identityFromProc(pid) : identityFromPs(pid);
}

/** Field 22 of proc_pid_stat(5); the command in field 2 may itself hold spaces and parentheses. */
async function identityFromProc(pid: number): Promise<string | undefined> {
  const { readFile } = process.getBuiltinModule('node:fs/promises');
  let stat: string;
  try {
    stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? undefined : fields[18];
}

async function identityFromPs(pid: number): Promise<string | undefined> {
  // Loaded here: most who load this package start no process.
  const { execFile } = await import('node:child_process');
  const { promisify } = process.getBuiltinModule('node:util');
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]);
    return stdout.trim() === '' ? undefined : stdout.trim();
  } catch {
    return undefined;
  }
}
