// node tools/bootstrap/run.mjs <program.ts> [arguments]
// Runs a program of this workspace from a fresh clone: installs what is missing, then starts it on the project's own
// Node. The shell's Node may be any from 18 on, so this is plain JavaScript without imports from the workspace.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const modules = join(root, 'node_modules');

install();
start(usableNode(), process.argv.slice(2));

function install() {
  const stamp = join(modules, '.maestro-installed');
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;

  process.stderr.write('Installing dependencies (npm ci) …\n');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', process.stderr, process.stderr],
    shell: process.platform === 'win32',
  });
  if (status !== 0) fail('npm ci failed. Check the network and the npm registry, then run the same command again.');
  writeFileSync(stamp, lock);
}

/** On Linux x64 the one among the dependencies, else the shell's. */
function usableNode() {
  const bundled = join(modules, '.bin', 'node');
  const node = existsSync(bundled) ? bundled : process.execPath;
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
  if (Number(version.slice(1).split('.')[0]) >= 24) return node;
  return fail(
    `Working on Maestro needs Node 24 or newer; this is ${version}. The project brings its own on Linux x64; elsewhere install one first.`,
  );
}

function start(node, [program, ...args]) {
  const flags = ['--conditions=@maestro/source', '--disable-warning=ExperimentalWarning'];
  const child = spawn(node, [...flags, join(root, program), ...args], {
    stdio: 'inherit',
    env: { ...process.env, PATH: [join(modules, '.bin'), process.env.PATH].join(delimiter) },
  });
  // The program decides what becomes of a signal. It may get one twice, from the terminal and from here.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? code : 1;
  });
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
