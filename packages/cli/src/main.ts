#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

import { readVersion } from './version.ts';

// Answered before anything else is loaded: scripts ask it often, and that alone takes as long as Node itself.
const [only, ...more] = process.argv.slice(2);
if (only === '--version' && more.length === 0) {
  process.stdout.write(`${readVersion()}\n`);
} else {
  // What is loaded from here on is compiled once for all runs of this user.
  enableCompileCache();
  await import('./start.ts');
}
