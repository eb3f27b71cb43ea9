// Runs before everything else on whatever Node the shell has (18 or newer), so it is plain JavaScript without imports
// from the workspace. It installs what is missing and checks that the commands after it get a Node that can run them.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const modules = join(root, 'node_modules');
const stamp = join(modules, '.maestro-installed');
const lock = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex');

const installed = existsSync(stamp) && readFileSync(stamp, 'utf8') === lock;
if (!installed) {
  process.stderr.write('Installing dependencies (npm ci) …\n');
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', process.stderr, process.stderr],
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) {
    process.stderr.write('npm ci failed. Check the network and the npm registry, then run the same command again.\n');
    process.exit(result.status ?? 1);
  }
  writeFileSync(stamp, lock);
}

const bundledNode = join(modules, '.bin', 'node');
const node = existsSync(bundledNode) ? bundledNode : process.execPath;
const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
const [major = 0] = version.replace(/^v/, '').split('.').map(Number);
if (major < 24) {
  process.stderr.write(
    `Working on Maestro needs Node 24 or newer; this is ${version}. The project brings its own on Linux x64; elsewhere install one first.\n`,
  );
  process.exit(1);
}
