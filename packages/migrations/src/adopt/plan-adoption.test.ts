import { describe, expect, it } from 'vitest';

import { defaultDirectives } from '../files/directives.ts';
import type { Migration } from '../files/load-folder.ts';
import type { HistoryRow, MigrationHistory } from '../ports/migration-database.ts';
import type { AdoptionSource, ForeignHistory } from './adoption-source.ts';
import { planAdoption } from './plan-adoption.ts';

const empty: MigrationHistory = { applied: [], unfinished: [] };

/** `0002_b = alembic 1a 2b` names a file and what it adopts. */
function file(written: string): Migration {
  const [name = '', adopts] = written.split(' = ');
  const number = Number.parseInt(name, 10);
  return { kind: 'module', name, number, checksum: name, path: name, directives: { ...defaultDirectives, adopts } };
}

/** `2 add users` is a revision with its title. */
function said(revisions: readonly string[], rest: Partial<ForeignHistory> = {}): ForeignHistory {
  const listed = revisions.map((written) => {
    const [id = '', ...title] = written.split(' ');
    return { id, label: written, title: title.length === 0 ? undefined : title.join('_') };
  });
  return { revisions: listed, baseline: undefined, problems: [], ...rest };
}

function row(name: string, adoptedFrom?: string): HistoryRow {
  const facts = {
    checksum: name,
    phase: 'expand',
    at: '2026-01-01T00:00:00.000Z',
    durationMs: 0,
    by: 'anna',
    version: 1,
  } as const;
  return { name, ...facts, ...(adoptedFrom === undefined ? {} : { adoptedFrom }) };
}

function plan(source: AdoptionSource, files: readonly string[], foreign: ForeignHistory, history = empty) {
  const { record, known } = planAdoption({ service: 'api', source, migrations: files.map(file), foreign, history });
  return { record: record.map(({ name }) => name), known };
}

function reasons(...call: Parameters<typeof plan>): unknown {
  try {
    return plan(...call);
  } catch (error) {
    return (error as { readonly details?: { readonly reasons?: unknown } }).details?.reasons;
  }
}

describe('from Alembic', () => {
  const from = { from: 'alembic' } as const;
  const files = ['0001_a = alembic aa', '0002_b', '0003_c = alembic cc', '0004_d = alembic dd'];

  it('everything up to where it stands is applied', () => {
    expect(plan(from, files, said(['cc']))).toEqual({ record: ['0001_a', '0002_b', '0003_c'], known: [] });
  });

  it('of several heads the last one counts', () => {
    expect(plan(from, files, said(['aa', 'dd'])).record).toHaveLength(4);
  });

  it('a revision that no file stands for is refused by its name', () => {
    expect(reasons(from, files, said(['cc', 'ee']))).toEqual(['no file stands for alembic ee']);
  });

  it('the caller may say where that is, but not against what the files say', () => {
    expect(plan({ ...from, upTo: '0002_b' }, ['0001_a', '0002_b', '0003_c'], said(['ee'])).record).toEqual([
      '0001_a',
      '0002_b',
    ]);
    expect(reasons({ ...from, upTo: '0002_b' }, files, said(['cc']))).toEqual([
      '0003_c comes after 0002_b, but stands for alembic cc, which is applied',
    ]);
    expect(reasons({ ...from, upTo: '0004_d' }, files, said(['cc']))).toEqual([
      '0004_d is said to be applied, but alembic stands at 0003_c',
    ]);
  });
});

describe('from Flyway', () => {
  const from = { from: 'flyway' } as const;

  it('the version of the same number and description is the file', () => {
    expect(plan(from, ['0001_base', '0002_add_users', '0003_new'], said(['1 base', '2 add users'])).record).toEqual([
      '0001_base',
      '0002_add_users',
    ]);
  });

  it('another description is another migration, until the file says so', () => {
    const foreign = said(['1 base', '2 add users']);
    expect(reasons(from, ['0001_base', '0002_orders'], foreign)).toEqual(['no file stands for flyway 2 add users']);
    expect(plan(from, ['0001_base', '0002_orders = flyway 2.0'], foreign).record).toEqual(['0001_base', '0002_orders']);
    expect(plan(from, ['0001_all = flyway 1 2'], foreign).record).toEqual(['0001_all']);
  });

  it('what it has not applied stays pending, also in front of what it has', () => {
    expect(plan(from, ['0001_a', '0002_b', '0003_c'], said(['1 a', '3 c'])).record).toEqual(['0001_a', '0003_c']);
  });

  it('a baseline covers all up to it', () => {
    expect(plan(from, ['0001_a', '0002_b', '0003_c', '0004_d'], said(['3 c'], { baseline: '2' })).record).toEqual([
      '0001_a',
      '0002_b',
      '0003_c',
    ]);
  });

  it('a file of which only a part is applied is refused, with everything else', () => {
    const foreign = said(['1 a', '7 x'], { problems: ["Flyway's 8 (y) has failed"] });
    expect(reasons(from, ['0001_both = flyway 1 2'], foreign)).toEqual([
      "Flyway's 8 (y) has failed",
      'no file stands for flyway 7 x',
      '0001_both stands for 1, 2, but of these 2 is not applied',
    ]);
  });

  it('the caller may say where it stands, but not against what the files say', () => {
    const foreign = said(['1 a']);
    expect(plan({ ...from, upTo: '0002_b' }, ['0001_x', '0002_b'], foreign).record).toEqual(['0001_x', '0002_b']);
    expect(reasons({ ...from, upTo: '0002_b' }, ['0001_x', '0002_b = flyway 2'], foreign)).toEqual([
      '0002_b stands for flyway 2, which is not applied',
    ]);
  });
});

describe('from Prisma', () => {
  it('the migration of the same name is the file', () => {
    const names = ['20230101120000_init', '20230202120000_users'];
    expect(plan({ from: 'prisma' }, [...names, '20230303120000_new'], said(names)).record).toEqual(names);
  });
});

describe('from a plain schema', () => {
  const source = { from: 'plain', upTo: '0002_b' } as const;
  const files = ['0001_a', '0002_b', '0003_c'];

  it('everything up to the file is applied', () => {
    expect(plan(source, files, said([]))).toEqual({ record: ['0001_a', '0002_b'], known: [] });
  });

  it('a file that is not there is refused', () => {
    const call = () => plan({ from: 'plain', upTo: '0009_z' }, files, said([]));
    expect(call).toThrow(expect.objectContaining({ code: 'MIGRATIONS_BAD_TARGET' }));
  });

  it('what is recorded is passed over, whatever was run since', () => {
    const history = { ...empty, applied: [row('0001_a', 'plain'), row('0002_b', 'plain'), row('0003_c')] };
    expect(plan(source, files, said([]), history)).toEqual({ record: [], known: ['0001_a', '0002_b'] });
    const half = { ...empty, applied: [row('0001_a', 'plain')] };
    expect(plan(source, files, said([]), half)).toEqual({ record: ['0002_b'], known: ['0001_a'] });
  });

  it('a database that migrations were run on is refused', () => {
    expect(reasons(source, files, said([]), { ...empty, applied: [row('0001_a')] })).toEqual([
      '0001_a was run on this database already, so nothing in front of it can be adopted any more',
    ]);
  });
});

it('where nothing that is applied has a file there is nothing to adopt', () => {
  const call = () => plan({ from: 'flyway' }, ['0005_e'], said([], { baseline: '2' }));
  expect(call).toThrow(expect.objectContaining({ code: 'MIGRATIONS_NOTHING_TO_ADOPT' }));
});
