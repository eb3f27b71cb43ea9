import { createHash } from 'node:crypto';

import {
  type RegistryAccess,
  type RegistryAnswer,
  type RegistryRequest,
  requestRegistry,
} from '../src/parts/image-repository/registry-client.ts';

const types = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
} as const;

/** Pushes an image without layers under a tag, or under its digest alone; resolves to the digest. */
export async function pushImage(access: RegistryAccess, repository: string, tag?: string): Promise<string> {
  // Different images in different repositories, so that a blob that one of them mounts is not what another test sees.
  const config = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', author: repository, rootfs: {} }));
  const { headers } = await expectDone(access, { method: 'POST', path: `/v2/${repository}/blobs/uploads/` });
  const upload = new URL(headers.location ?? '');
  upload.searchParams.set('digest', digestOf(config));
  await expectDone(access, { method: 'PUT', path: `${upload.pathname}${upload.search}`, body: config });
  return await pushManifest(access, { repository, tag }, types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: { mediaType: types.config, digest: digestOf(config), size: config.length },
    layers: [],
  });
}

/** Pushes an image as one for several platforms: an index, and an image that has no tag. */
export async function pushIndex(access: RegistryAccess, repository: string, tag: string): Promise<readonly string[]> {
  const child = await pushImage(access, repository);
  const { body } = await getManifest(access, repository, child);
  const index = await pushManifest(access, { repository, tag }, types.index, {
    schemaVersion: 2,
    mediaType: types.index,
    manifests: [{ mediaType: types.manifest, digest: child, size: body.length }],
  });
  return [index, child];
}

export function getManifest(access: RegistryAccess, repository: string, reference: string): Promise<RegistryAnswer> {
  const headers = { accept: `${types.manifest}, ${types.index}` };
  return requestRegistry(access, { method: 'GET', path: `/v2/${repository}/manifests/${reference}`, headers });
}

async function pushManifest(
  access: RegistryAccess,
  { repository, tag }: { readonly repository: string; readonly tag?: string | undefined },
  type: string,
  manifest: object,
): Promise<string> {
  const body = Buffer.from(JSON.stringify(manifest));
  const path = `/v2/${repository}/manifests/${tag ?? digestOf(body)}`;
  await expectDone(access, { method: 'PUT', path, body, headers: { 'content-type': type } });
  return digestOf(body);
}

async function expectDone(access: RegistryAccess, options: RegistryRequest): Promise<RegistryAnswer> {
  const answer = await requestRegistry(access, options);
  if (answer.status < 300) return answer;
  throw new Error(`${options.method} ${options.path}: ${answer.status} ${answer.body.toString()}`);
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
