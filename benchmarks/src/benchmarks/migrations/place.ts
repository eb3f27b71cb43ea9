import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { useParts } from '@maestro/services';
import pg from 'pg';

import type { Context } from '../../benchmark.ts';

/** A PostgreSQL server, and folders of migrations. */
export interface Place {
  /** Databases whose names begin with the suite's, all of them empty. Those of earlier calls are dropped. */
  freshDatabases(count: number): Promise<readonly string[]>;
  /** Makes databases empty again. */
  empty(urls: readonly string[]): Promise<void>;
  /** A folder with these files. */
  write(name: string, files: ReadonlyMap<string, string>): Promise<string>;
  folderOf(name: string): string;
  readonly signal: AbortSignal;
}

/** Takes the server into use; what is made on it goes at the end. */
export async function openPlace({ signal, stack }: Pick<Context, 'signal' | 'stack'>): Promise<Place> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const { parts } = stack.use(await useParts({ needs: ['postgresql'], say }));
  return placeOf(parts.postgresql.url, { signal, stack });
}

/** The same with a database of the suite that is in use already. */
export async function placeOf(url: string, { signal, stack }: Pick<Context, 'signal' | 'stack'>): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-bench-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const made = new Set<string>();
  const drop = async () => {
    await tenAtATime([...made], (name) => query(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    made.clear();
  };
  stack.defer(drop);
  const suite = new URL(url).pathname.slice(1);
  let number = 0;

  return {
    signal,
    freshDatabases: async (count) => {
      await drop();
      const names = Array.from({ length: count }, () => `${suite}_${(number += 1)}`);
      await tenAtATime(names, async (name) => {
        signal.throwIfAborted();
        made.add(name);
        await query(url, `CREATE DATABASE ${name}`);
      });
      return names.map((name) => Object.assign(new URL(url), { pathname: `/${name}` }).href);
    },
    empty: (urls) => tenAtATime(urls, (one) => query(one, 'DROP SCHEMA public CASCADE; CREATE SCHEMA public')),
    folderOf: (name) => join(folder, name),
    write: async (name, files) => {
      const path = join(folder, name);
      await mkdir(path);
      for (const [file, text] of files) await writeFile(join(path, file), text);
      return path;
    },
  };
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

/** Each of these waits for the server's disk, several of them no longer than one. */
async function tenAtATime(names: readonly string[], work: (name: string) => Promise<void>): Promise<void> {
  const left = names.values();
  const workOnThem = async () => {
    for (const name of left) await work(name);
  };
  await Promise.all(Array.from({ length: 10 }, workOnThem));
}
