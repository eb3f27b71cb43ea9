import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../fixtures/exec.ts', import.meta.url));

/** Runs a program beside a service from a process of its own, with this as its input. */
export async function execElsewhere(
  config: string,
  service: string,
  { command, input = '' }: { readonly command: readonly string[]; readonly input?: string },
): Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }> {
  const options = ['--conditions=@maestro/source', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...options, script, config, service, ...command]);
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { exitCode: child.exitCode, stdout, stderr };
}
