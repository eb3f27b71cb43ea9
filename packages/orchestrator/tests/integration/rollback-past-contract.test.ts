import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describeWith } from '@maestro/services/vitest';
import { describe, expect, it } from 'vitest';

import { configuration, createProject, type Project } from './project.ts';

const { api, web } = configuration.services;

/** Three versions: the second one brings an expand and a contract migration, the third one nothing. */
async function passesContract(project: Project): Promise<void> {
  const { environment } = project;
  const version = (number: string) => ({ 'services/api/version': number, 'services/web/version': number });
  const first = await environment.deploy();
  await project.commit({
    ...version('2'),
    'services/api/migrations/0002_add_note.up.sql': 'ALTER TABLE orders ADD COLUMN note TEXT;\n',
    'services/api/migrations/0003_drop_total.up.sql': '-- phase: contract\nALTER TABLE orders DROP COLUMN total;\n',
  });
  const second = await environment.deploy();

  // Across what was expanded, and back.
  expect(await environment.rollback()).toMatchObject({ outcome: 'rolled-back' });
  expect(await project.ask('api')).toMatchObject({ version: '1' });
  await environment.deploy();
  await project.commit(version('3'));
  await environment.deploy();
  expect(await environment.migrations.run({ phase: 'contract' })).toMatchObject({
    databases: [{ applied: ['0003_drop_total'] }],
  });

  const before = await environment.status();
  const back = environment.rollback({ to: first.release ?? '' });
  await expect(back).rejects.toMatchObject({
    code: 'ORCHESTRATOR_PAST_CONTRACT',
    message: expect.stringContaining('does not know of 0003_drop_total of api') as string,
    details: { migrations: [{ service: 'api', migration: '0003_drop_total' }] },
  });
  expect(await environment.status()).toEqual(before);
  // The second version has brought it, and does without what it takes away.
  expect(await environment.rollback({ to: second.release ?? '' })).toMatchObject({ outcome: 'rolled-back' });
  expect(await project.ask('api')).toMatchObject({ version: '2' });
  // Services whose databases were not contracted go back by themselves.
  expect(await environment.rollback({ to: first.release ?? '', services: ['web'] })).toMatchObject({
    outcome: 'rolled-back',
  });
  expect([(await project.ask('api')).version, (await project.ask('web')).version]).toEqual(['2', '1']);
}

const orders = 'CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER);\n';
const files = { 'services/api/migrations/0001_create_orders.up.sql': orders };

describe('a rollback of services with a database in SQLite', () => {
  it('passes over expand migrations, and is refused past a contract migration', async () => {
    await using project = await createProject({ files });
    await passesContract(project);
  });

  it('goes on where the database cannot be asked', async () => {
    await using project = await createProject({ files });
    const { environment, folder } = project;
    await environment.deploy();
    await project.commit({ 'services/api/version': '2' });
    await environment.deploy();
    await rm(join(folder, '.maestro/demo/data/api.db'));
    await writeFile(join(folder, '.maestro/demo/data/api.db'), 'no database at all');
    expect(await environment.rollback()).toMatchObject({ outcome: 'rolled-back' });
    expect(await project.ask('api')).toMatchObject({ version: '1' });
  });
});

describeWith('a rollback of services with a database in PostgreSQL', ['postgresql'], (parts) => {
  it('passes over expand migrations, and is refused past a contract migration', async () => {
    const { url } = parts().postgresql;
    const database = { adapter: 'postgresql', urlSecret: 'DATABASE_URL' };
    await using project = await createProject({
      configuration: () => ({ ...configuration, services: { api: { ...api, database }, web } }),
      files,
    });
    await project.write({ '.env': `TOKEN='s3cret-canary'\nDATABASE_URL='${url}'\n` });
    await passesContract(project);
  });
});
