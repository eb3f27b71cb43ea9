import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// npm run new:package -- <name>: Nx itself, from a fresh clone, too, in which the bootstrap has just installed it.
const [generator = '', ...args] = process.argv.slice(2);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const { status } = spawnSync('nx', ['generate', `@maestro/generators:${generator}`, ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, NX_DAEMON: 'false' },
});
process.exitCode = status ?? 1;
