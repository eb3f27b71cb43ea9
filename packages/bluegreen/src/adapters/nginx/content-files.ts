import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { createFileDurably, messageOf } from '@maestro/core';

import { BlueGreenError } from '../../errors.ts';
import type { Topology } from '../../ports/router.ts';

/** Paths of files that a configuration names. What they are called depends on what is in them, so that a change of it shows. */
export interface ContentFiles {
  readonly certificates: readonly { readonly certificate: string; readonly key: string }[];
  readonly maintenancePage: string | null;
  /** By service. */
  readonly snippets: Readonly<Record<string, string>>;
}

/** The same, with what is to be in them. */
export interface ReadContents {
  readonly files: ContentFiles;
  readonly copies: ReadonlyMap<string, Buffer>;
}

/** Reads what a topology refers to. Throws `BLUEGREEN_TOPOLOGY_REFUSED` where it cannot be read. */
export async function readContents(folder: string, topology: Topology): Promise<ReadContents> {
  const copies = new Map<string, Buffer>();
  const keep = (name: string, contents: Buffer) => {
    const path = join(folder, `${createHash('sha256').update(contents).digest('hex').slice(0, 16)}-${name}`);
    copies.set(path, contents);
    return path;
  };
  const { tls, maintenancePage, services } = topology;
  const certificates = [];
  for (const { certificateFile, keyFile } of tls?.certificates ?? []) {
    const certificate = keep('certificate.pem', await read(certificateFile));
    certificates.push({ certificate, key: keep('key.pem', await read(keyFile)) });
  }
  const snippets = services.flatMap(({ name, proxy }) =>
    proxy?.snippet === undefined ? [] : [[name, keep(`${name}.snippet`, Buffer.from(`${proxy.snippet}\n`))] as const],
  );
  const page = maintenancePage === undefined ? null : keep('page.html', await read(maintenancePage));
  return { files: { certificates, maintenancePage: page, snippets: Object.fromEntries(snippets) }, copies };
}

export async function writeContents({ copies }: ReadContents): Promise<void> {
  for (const [path, contents] of copies) {
    // Workers read pages while they serve; all else is read by the master.
    await createFileDurably(path, contents, { mode: path.endsWith('.html') ? 0o644 : 0o600 });
  }
}

/** Removes the copies that a configuration does not name. */
export async function removeOtherContents(folder: string, configuration: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) if (!configuration.includes(name)) await rm(join(folder, name), { force: true });
}

/** The service whose snippet a file is; undefined for other files. */
export function snippetOf(file: string): string | undefined {
  return /^[0-9a-f]{16}-(.*)\.snippet$/.exec(basename(file))?.[1];
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new BlueGreenError('BLUEGREEN_TOPOLOGY_REFUSED', `${file} cannot be read: ${messageOf(error)}`, {
      hint: 'name a file that the deploying user can read',
      cause: error,
    });
  }
}
