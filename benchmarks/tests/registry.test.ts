import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { diffEnvironments, formatDiff, loadRegistry, resolveEnvironment } from '@maestro/registry';
import { expect, it } from 'vitest';

import { requireCount } from '../src/benchmarks/registry/require-count.ts';
import { environmentName, sampleRegistry, writeRegistry } from '../src/benchmarks/registry/sample-registry.ts';

it('measures the same registry in each language, with so many services', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-bench-registry-'));
  await using _ = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
  const resolved = async (language: 'json' | 'yaml') => {
    const config = await writeRegistry(sampleRegistry(20), folder, language);
    return resolveEnvironment(await loadRegistry({ config }), environmentName);
  };
  const [json, yaml] = [await resolved('json'), await resolved('yaml')];
  expect(formatDiff(diffEnvironments(json, yaml))).toBe('no differences');
  expect(json.services).toHaveLength(20);
  expect(json.services.filter(({ container }) => container?.replicas === 2)).toHaveLength(7);
});

it('fails where not all services were there', () => {
  expect(() => {
    requireCount(499, 500);
  }).toThrow('499 services, expected 500');
});
