import { describe, expect, it } from 'vitest';

import { defaultDirectives, readModuleDirectives, readSqlDirectives } from '../files/directives.ts';
import type { Migration } from '../files/load-folder.ts';
import { revisionsOf } from './revisions-of.ts';

function fileThatAdopts(adopts: string | undefined): Migration {
  const directives = { ...defaultDirectives, adopts };
  return { kind: 'module', name: '0002_users', number: 2, checksum: '', path: '', directives };
}

describe('the directive adopts', () => {
  it.each(['alembic 1a2b3c', 'flyway 1 1.2  2_1', 'prisma 20230101_init'])('may be %s', (value) => {
    expect(readSqlDirectives(`-- adopts: ${value}\nSELECT 1`, 'sqlite')).toMatchObject({
      directives: { adopts: value },
      problems: [],
    });
    expect(readModuleDirectives(`export const adopts = '${value}';`)).toMatchObject({
      directives: { adopts: value },
      problems: [],
    });
  });

  it.each(['', 'alembic', 'alembic 1a, 2b', 'flyway one', 'rails 1', '1a2b3c'])('cannot be "%s"', (value) => {
    expect(readSqlDirectives(`-- adopts: ${value}\nSELECT 1`, 'sqlite').problems).toMatchObject([{ line: 1 }]);
  });
});

describe('revisionsOf', () => {
  it('reads what it adopts of that tool, and of no other', () => {
    expect(revisionsOf(fileThatAdopts('alembic aa  bb'), 'alembic', [])).toEqual(['aa', 'bb']);
    expect(revisionsOf(fileThatAdopts('flyway 01 2.0'), 'flyway', [])).toEqual(['1', '2']);
    expect(revisionsOf(fileThatAdopts('flyway 01'), 'alembic', [])).toEqual([]);
  });

  it('goes by names where nothing is said and the tool has them', () => {
    expect(revisionsOf(fileThatAdopts(undefined), 'prisma', [])).toEqual(['0002_users']);
    expect(revisionsOf(fileThatAdopts(undefined), 'alembic', [])).toEqual([]);
    const said = (title: string) => [{ id: '2', label: '2', title }];
    expect(revisionsOf(fileThatAdopts(undefined), 'flyway', said('users'))).toEqual(['2']);
    expect(revisionsOf(fileThatAdopts(undefined), 'flyway', said('orders'))).toEqual([]);
  });
});
