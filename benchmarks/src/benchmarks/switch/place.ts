import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type SuiteParts, useParts } from '@maestro/services';
import { selfSigned } from '@maestro/services/self-signed';

import type { Context } from '../../benchmark.ts';

const needs = ['docker', 'image-repository', 'nginx', 'haproxy', 'docker-compose', 'wrk'] as const;
export type Parts = SuiteParts<(typeof needs)[number]>;

/** What all figures are measured on. */
export interface Place {
  readonly parts: Parts;
  /** Empty at first, and removed at the end. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly stack: AsyncDisposableStack;
}

/** A certificate in files, which `renew` writes anew. */
export interface CertificateFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Both in one, as HAProxy takes them. */
  readonly bundleFile: string;
  readonly renew: () => Promise<void>;
}

/** Takes the parts into use; what is made on them with names of the suite is removed at the end. */
export async function openPlace({ signal, stack }: Pick<Context, 'signal' | 'stack'>): Promise<Place> {
  const { parts } = stack.use(await useParts({ needs, say }));
  return placeOf(parts, { signal, stack });
}

/** The same with parts that are in use already. */
export async function placeOf(parts: Parts, { signal, stack }: Pick<Context, 'signal' | 'stack'>): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-bench-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  return { parts, folder, signal, stack };
}

/** Tells people how it goes; programs read figures. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

export async function openCertificate({ folder }: Place, title: string): Promise<CertificateFiles> {
  const [certificateFile = '', keyFile = '', bundleFile = ''] = ['crt', 'key', 'pem'].map((kind) =>
    join(folder, `${title}.${kind}`),
  );
  const renew = async () => {
    const { certificate, key } = await selfSigned({ title, hosts: [] });
    await writeFile(certificateFile, certificate);
    await writeFile(keyFile, key);
    await writeFile(bundleFile, `${certificate}\n${key}`);
  };
  await renew();
  return { certificateFile, keyFile, bundleFile, renew };
}

/** One that nobody has at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
