import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openEmbeddedImageStore } from '../../src/embedded.ts';
import { type AssembledImage, assembleImage, type ImageStore } from '../../src/index.ts';
import { openOciImageStore } from '../../src/oci.ts';
import { sampleSource } from '../../src/testing.ts';

export const repository = 'shop-api';

interface ImageOptions {
  readonly repository?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export function imageOf(text: string, options: ImageOptions = {}): Promise<AssembledImage> {
  return assembleImage({
    source: sampleSource({ 'main.js': text }),
    repository,
    environment: 'production',
    ...options,
  });
}

/** A namespace below a suite's own. */
export function newNamespace(prefix: string): string {
  return `${prefix}${randomBytes(4).toString('hex')}`;
}

export interface PlainRegistry {
  readonly store: ImageStore;
  /** What others call its repository: `127.0.0.1:5000/namespace/shop-api`. */
  readonly name: string;
  /** The address of the repository's interface. */
  readonly api: string;
}

export function openPlain({ address, prefix }: { readonly address: string; readonly prefix: string }): PlainRegistry {
  const namespace = newNamespace(prefix);
  return {
    store: openOciImageStore({ registry: address, namespace }),
    name: `${new URL(address).host}/${namespace}/${repository}`,
    api: `${address}/v2/${namespace}/${repository}`,
  };
}

export type Skopeo = (...command: readonly string[]) => string;

export function skopeoAt(program: string): Skopeo {
  return (...command) => execFileSync(program, ['--insecure-policy', ...command], { encoding: 'utf8', stdio: 'pipe' });
}

/** Has skopeo put an image: from a layout, and as the options say. */
export async function copyIn(skopeo: Skopeo, image: AssembledImage, name: string, ...options: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-oci-'));
  await openEmbeddedImageStore({ folder }).put(image);
  const layout = `oci:${join(folder, repository)}:latest`;
  skopeo('copy', '--dest-tls-verify=false', ...options, layout, `docker://${name}:${image.tag}`);
  await rm(folder, { recursive: true });
}

/** The text that `imageOf` was given. */
export async function unpackedText(store: ImageStore, digest: string): Promise<string> {
  const above = await mkdtemp(join(tmpdir(), 'maestro-oci-'));
  const folder = join(above, 'image');
  await store.unpack({ repository, digest, folder });
  const text = await readFile(join(folder, 'main.js'), 'utf8');
  await rm(above, { recursive: true });
  return text;
}
