import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { healthTest } from '../../src/compose/health-probe.ts';
import type { ResolvedHealth } from '../../src/resolve-health.ts';

const times = { timeoutMs: 1_000, intervalMs: 1_000, deadlineMs: 1_000 };
const asked: ResolvedHealth = { kind: 'http', path: "/it's?well=1", ...times };

let server: Server;
let folder = '';
let port = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maestro-compose-health-'));
  server = createServer(({ url, headers }, response) => {
    const status = url === '/moved' ? 302 : headers.host === 'shop.example' ? 401 : 204;
    response.writeHead(url?.startsWith('/it') === true || status === 302 ? status : 404, { location: "/it's" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

/** What a container does that has nothing but a shell and these programs. */
async function isHealthy(health: ResolvedHealth, programs: readonly string[], at = port): Promise<boolean> {
  const bin = join(folder, programs.join('-'));
  await mkdir(bin, { recursive: true });
  for (const program of programs) await symlink(placeOf(program) ?? '', join(bin, program)).catch(() => undefined);
  const [kind = '', ...words] = healthTest(health, at) ?? [];
  const [program = '', ...args] = kind === 'CMD-SHELL' ? ['/bin/sh', '-c', ...words] : words;
  try {
    await promisify(execFile)(program, args, { env: { PATH: bin } });
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 1 });
    return false;
  }
}

function placeOf(program: string): string | undefined {
  // Those of version managers are scripts that need more than themselves.
  const places = ['/usr/bin', ...(process.env.PATH ?? '').split(delimiter)].map((path) => join(path, program));
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

describe.each(['curl', 'wget', 'node', 'python3'])('a health check of compose with %s', (program) => {
  it.skipIf(placeOf(program) === undefined)('is content with the statuses that are wanted, and no others', async () => {
    const programs = [program, 'sed', 'head'];
    const statuses = [
      [200, 200],
      [400, 401],
    ] as const;
    expect(await isHealthy(asked, programs)).toBe(true);
    expect(await isHealthy({ ...asked, host: 'shop.example' }, programs)).toBe(false);
    expect(await isHealthy({ ...asked, host: 'shop.example', statuses }, programs)).toBe(true);
    expect(await isHealthy({ ...asked, statuses }, programs)).toBe(false);
    expect(await isHealthy({ ...asked, path: '/moved' }, programs)).toBe(false);
    expect(await isHealthy(asked, programs, 1)).toBe(false);
  });
});

it('is not content where nothing can ask', async () => {
  expect(await isHealthy(asked, ['sed'])).toBe(false);
});

it.runIf(process.platform === 'linux')('knows whether a port is listened on', async () => {
  expect(await isHealthy({ kind: 'tcp', ...times }, ['grep'])).toBe(true);
  expect(await isHealthy({ kind: 'tcp', ...times }, ['grep'], 1)).toBe(false);
});
