import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';

/** The folder of the repository. */
export const root = join(import.meta.dirname, '..', '..', '..');
const binaries = join(root, 'node_modules', '.bin');
// The tests take fifty minutes on two cores, more beside other work, and those of a night that try more take hours.
const deadlineMs = (process.env.MAESTRO_NIGHTLY === 'true' ? 210 : 80) * 60_000;

/** Runs a tool of the project, its output passed on; whether it succeeded. */
export function runTool(name: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(join(binaries, name), args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    // The tools are scripts for the first `node` they find, which is then the project's own.
    env: { ...process.env, PATH: [binaries, process.env.PATH].join(delimiter) },
    timeout: deadlineMs,
  });
  return new Promise((resolve) => {
    child.once('error', (error) => {
      process.stderr.write(`${name}: ${error.message}\n`);
      resolve(false);
    });
    child.once('exit', (code, signal) => {
      if (signal !== null) process.stderr.write(`${name} was ended by ${signal}, or did not end in ${deadlineMs} ms\n`);
      resolve(code === 0);
    });
  });
}
