#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { readVersion } from './version.ts';

// Answered before anything else is loaded: scripts ask it often, and that alone takes as long as Node itself.
const [only, ...more] = process.argv.slice(2);
if (only === '--version' && more.length === 0) {
  process.stdout.write(`${readVersion()}\n`);
} else {
  // What is loaded from here on is compiled once for all runs of this user; not in a folder that others can write to, as Node's own.
  const { NODE_COMPILE_CACHE: wanted, XDG_CACHE_HOME: caches = join(homedir(), '.cache') } = process.env;
  enableCompileCache(wanted ?? join(caches, 'maestro', 'compiled'));
  await import('./start.ts');
}
