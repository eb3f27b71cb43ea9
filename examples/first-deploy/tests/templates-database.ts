import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { onTestFinished } from 'vitest';

const migrations = join(import.meta.dirname, '..', 'services', 'template-service', 'migrations');

/** A database of the test's own, as the first migration leaves it. */
export function createTemplatesDatabase(): string {
  const folder = mkdtempSync(join(tmpdir(), 'first-deploy-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const path = join(folder, 'templates.sqlite');
  execute(path, readFileSync(join(migrations, '0001_create_templates.up.sql'), 'utf8'));
  return path;
}

export function execute(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  try {
    database.exec(sql);
  } finally {
    database.close();
  }
}
