import { MaestroError } from '@maestro/core';
import { z } from 'zod';

import { type RegistryAccess, type RegistryAnswer, requestRegistry } from './registry-client.ts';

const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

const catalog = z.object({ repositories: z.array(z.string()).nullable() });
/** Null for a repository whose images were all deleted: its name stays. */
const tagList = z.object({ tags: z.array(z.string()).nullable() });
const index = z.object({ manifests: z.array(z.object({ digest: z.string() })).default([]) });

/** Deletes every image that can be listed in the repositories with such names. */
export async function deleteImages(access: RegistryAccess, isOfSuite: (name: string) => boolean): Promise<void> {
  for (const repository of (await repositories(access)).filter(isOfSuite)) {
    const digests = await Promise.all(
      (await tagsOf(access, repository)).map((tag) => digestsOf(access, repository, tag)),
    );
    // A deleted digest takes all its tags with it, so several of them may name the same one.
    for (const digest of new Set(digests.flat())) await deleteManifest(access, repository, digest);
  }
}

async function repositories(access: RegistryAccess): Promise<readonly string[]> {
  const found: string[] = [];
  let next: string | undefined = '/v2/_catalog?n=100';
  while (next !== undefined) {
    const answer: RegistryAnswer = await get(access, next);
    found.push(...(catalog.parse(JSON.parse(answer.body.toString())).repositories ?? []));
    next = /<(?<path>[^>]+)>; *rel="next"/.exec(String(answer.headers.link ?? ''))?.groups?.path;
  }
  return found;
}

async function tagsOf(access: RegistryAccess, repository: string): Promise<readonly string[]> {
  const { status, body } = await get(access, `/v2/${repository}/tags/list`);
  return status === 404 ? [] : (tagList.parse(JSON.parse(body.toString())).tags ?? []);
}

/** A manifest's digest, and for an index those it refers to, which have no tags. */
async function digestsOf(access: RegistryAccess, repository: string, tag: string): Promise<readonly string[]> {
  const { status, headers, body } = await get(access, `/v2/${repository}/manifests/${tag}`);
  if (status === 404) return [];
  const digest = headers['docker-content-digest'];
  const children = index.parse(JSON.parse(body.toString())).manifests.map((manifest) => manifest.digest);
  return typeof digest === 'string' ? [digest, ...children] : children;
}

async function deleteManifest(access: RegistryAccess, repository: string, digest: string): Promise<void> {
  const path = `/v2/${repository}/manifests/${digest}`;
  expectStatus(await requestRegistry(access, { method: 'DELETE', path }), [202, 404], `DELETE ${path}`);
}

async function get(access: RegistryAccess, path: string): Promise<RegistryAnswer> {
  const answer = await requestRegistry(access, { method: 'GET', path, headers: { accept: manifestTypes } });
  return expectStatus(answer, [200, 404], `GET ${path}`);
}

function expectStatus(answer: RegistryAnswer, expected: readonly number[], what: string): RegistryAnswer {
  if (expected.includes(answer.status)) return answer;
  throw new MaestroError(
    'PART_STOP_FAILED',
    `image repository: ${what} was answered with ${answer.status}: ${answer.body.toString().trim()}`,
    { hint: 'a registry that suites share must let images be deleted: storage.delete.enabled' },
  );
}
