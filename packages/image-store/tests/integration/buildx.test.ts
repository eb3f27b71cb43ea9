import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isMaestroError, Redacted } from '@maestro/core';
import { ManualClock } from '@maestro/core/testing';
import { describe, expect, it } from 'vitest';

import { openBuildx } from '../../src/buildx.ts';
import { type BuildRequest, ImageStoreError, type ImageStoreErrorCode } from '../../src/index.ts';

const config = `sha256:${'c'.repeat(64)}`;
const manifest = `sha256:${'d'.repeat(64)}`;
const metadata = JSON.stringify({ 'containerimage.config.digest': config, 'containerimage.digest': manifest });
const output = { kind: 'engine' } as const;

/**
 * A program in place of docker, whose plugin cannot be had everywhere: it notes how it was called, reads its input and
 * does what `script` says.
 */
function standIn(script = `printf '%s' '${metadata}' > "$metadata"`, { readsInput = true } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'maestro-docker-'));
  const docker = join(folder, 'docker');
  const lines = [
    '#!/bin/sh',
    `folder=${folder}`,
    'if [ "$2" = version ]; then echo "github.com/docker/buildx v0.14.0"; exit 0; fi',
    'printf "%s\\n" "$@" > $folder/arguments',
    'env > $folder/environment',
    'for each in "$@"; do case "$each" in --metadata-file=*) metadata="${each#*=}";; esac; done',
    ...(readsInput ? ['cat > $folder/context'] : []),
    script,
  ];
  writeFileSync(docker, `${lines.join('\n')}\n`);
  chmodSync(docker, 0o755);
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return { docker, folder, read };
}

function request(changes: Partial<BuildRequest> = {}): BuildRequest {
  return {
    service: 'api',
    repository: 'shop-api',
    tags: ['production-abc1234'],
    context: chunks('the ', 'context'),
    dockerfile: 'Dockerfile',
    args: {},
    labels: {},
    ...changes,
  };
}

async function* chunks(...texts: readonly string[]) {
  for (const text of texts) {
    await Promise.resolve();
    yield Buffer.from(text);
  }
}

async function* endless() {
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    yield Buffer.alloc(10_000);
  }
}

async function expectCode(work: Promise<unknown>, code: ImageStoreErrorCode, message: string | RegExp): Promise<void> {
  await expect(work).rejects.toSatisfy((error) => isMaestroError(error, code));
  await expect(work).rejects.toThrow(message);
}

describe('a build', () => {
  it('is given its context, and its secrets by the environment alone', async () => {
    const { docker, read } = standIn();
    const builder = openBuildx({ docker, output, secrets: { npm: new Redacted('s3cret-value') } });
    expect(await builder.build(request())).toEqual({ imageId: config, digest: manifest, sizeBytes: 0 });
    expect(read('context')).toBe('the context');
    expect(read('arguments')).toContain('--secret=id=npm,env=MAESTRO_BUILD_SECRET_0\n');
    expect(read('arguments')).not.toContain('s3cret-value');
    expect(read('environment')).toContain('MAESTRO_BUILD_SECRET_0=s3cret-value\n');
  });

  it('has the digest of its index where it has no single configuration', async () => {
    const { docker } = standIn(`echo '{"containerimage.digest":"${manifest}"}' > "$metadata"`);
    const repository = { kind: 'repository', prefix: 'registry.test/team' } as const;
    const built = await openBuildx({ docker, output: repository }).build(
      request({ platform: 'linux/amd64,linux/arm64' }),
    );
    expect(built).toMatchObject({ imageId: manifest, digest: manifest });
  });

  it('tells of its steps, without the secrets they print', async () => {
    const printed = Buffer.from('the token is s3cret-value\n').toString('base64');
    const { docker } = standIn(
      `echo '{"vertexes":[{"digest":"sha256:a","name":"RUN make","started":"2026-01-01T00:00:00Z"}]}' >&2\n` +
        `printf '{"logs":[{"vertex":"sha256:a","data":"%s"}]}\\n' ${printed} >&2\nprintf '%s' '${metadata}' > "$metadata"`,
    );
    const lines: string[] = [];
    const builder = openBuildx({ docker, output, secrets: { npm: new Redacted('s3cret-value') } });
    await builder.build(request(), {
      onEvent: (event) => {
        if (event.type === 'image-build-output') lines.push(event.line);
      },
    });
    expect(lines).toEqual(['RUN make', 'the token is [redacted]']);
  });
});

describe('a build fails', () => {
  it('with the last lines of its output', async () => {
    const { docker } = standIn(
      `for i in $(seq 100); do echo "line $i" >&2; done; echo "ERROR: no s3cret-value" >&2; exit 1`,
    );
    const building = openBuildx({ docker, output, secrets: { npm: new Redacted('s3cret-value') } }).build(request());
    await expectCode(
      building,
      'IMAGE_STORE_BUILD_FAILED',
      /api .* ended with 1\nline 82\n(?:.*\n)*ERROR: no \[redacted\]$/,
    );
  });

  it.each([
    ['no metadata', 'true'],
    ['half of the metadata', `printf '{"containerimage.digest":' > "$metadata"`],
    ['metadata without a digest', `printf '{}' > "$metadata"`],
    ['a signal', 'kill -9 $$'],
  ])('with %s, though it may say that all is well', async (_, script) => {
    const { docker } = standIn(script);
    await expectCode(openBuildx({ docker, output }).build(request()), 'IMAGE_STORE_BUILD_FAILED', 'api');
  });

  it('that does not read its context, for its own reason', async () => {
    const { docker } = standIn('echo "ERROR: no builder" >&2; exit 3', { readsInput: false });
    const building = openBuildx({ docker, output }).build(request({ context: endless() }));
    await expectCode(building, 'IMAGE_STORE_BUILD_FAILED', 'ended with 3\nERROR: no builder');
  });

  it('with the error of its context, and never builds half of one', async () => {
    const { docker, folder } = standIn('touch $folder/built');
    const failing = async function* () {
      yield Buffer.from('half');
      await Promise.resolve();
      throw new ImageStoreError('IMAGE_STORE_DIRTY', 'main.js was changed');
    };
    const building = openBuildx({ docker, output }).build(request({ context: failing() }));
    await expectCode(building, 'IMAGE_STORE_DIRTY', 'main.js was changed');
    expect(existsSync(join(folder, 'built'))).toBe(false);
  });

  it('when it takes too long', async () => {
    const { docker } = standIn('exec sleep 100');
    const building = openBuildx({ docker, output, buildDeadlineMs: 200 }).build(request());
    await expectCode(building, 'IMAGE_STORE_BUILD_FAILED', 'longer than 200 ms');
  });

  it('with the reason of a caller that gives up, once docker has ended', async () => {
    const { docker, folder, read } = standIn('echo $$ > $folder/pid; echo begun >&2; exec sleep 100');
    const controller = new AbortController();
    const building = openBuildx({ docker, output }).build(request(), {
      signal: controller.signal,
      onEvent: () => {
        controller.abort(new Error('enough'));
      },
    });
    await expect(building).rejects.toThrow('enough');
    expect(existsSync(join(folder, 'pid'))).toBe(true);
    expect(() => execFileSync('ps', ['-p', read('pid').trim()])).toThrow();
  });

  it('in the end also where docker and what it has started do not obey', async () => {
    const { docker } = standIn('trap "" TERM; sleep 5 & echo begun >&2; sleep 5');
    const clock = new ManualClock();
    const controller = new AbortController();
    const building = openBuildx({ docker, output, clock }).build(request(), {
      signal: controller.signal,
      onEvent: () => {
        controller.abort(new Error('enough'));
        setImmediate(() => void clock.advance(10_000));
      },
    });
    await expect(building).rejects.toThrow('enough');
  });

  it('for several platforms in an engine', async () => {
    const building = openBuildx({ output }).build(request({ platform: 'linux/amd64,linux/arm64' }));
    await expectCode(building, 'IMAGE_STORE_UNSUPPORTED_BUILD', 'linux/amd64,linux/arm64');
  });

  it('without docker or its plugin, and says how to install it', async () => {
    const { docker } = standIn();
    writeFileSync(docker, '#!/bin/sh\necho "docker: unknown command: docker buildx" >&2\nexit 1\n');
    for (const program of [docker, '/nonexistent/docker']) {
      const builder = openBuildx({ docker: program, output });
      await expectCode(builder.build(request()), 'IMAGE_STORE_UNSUPPORTED_BUILD', program);
      await expect(builder.build(request())).rejects.toMatchObject({
        hint: expect.stringContaining('docker-buildx-plugin') as string,
      });
    }
  });

  it('for a secret whose name would be read as something else', () => {
    expect(() => openBuildx({ output, secrets: { 'a,src=/etc/passwd': new Redacted('x') } })).toThrow(
      expect.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_INVALID_NAME')),
    );
  });
});

describe('the image that a Dockerfile starts from', () => {
  it('is known by its digest', async () => {
    const { docker, read } = standIn(`echo '{"schemaVersion":2,"digest":"${manifest}","size":1}'`);
    expect(await openBuildx({ docker, output }).resolveBase({ reference: 'node:24' })).toBe(manifest);
    expect(read('arguments').trim().split('\n').slice(0, 3)).toEqual(['buildx', 'imagetools', 'inspect']);
    expect(read('arguments')).toMatch(/\nnode:24\n$/);
  });

  it('is not found, or not told of', async () => {
    const { docker } = standIn('echo "ERROR: node:0: not found" >&2; exit 1');
    const resolving = openBuildx({ docker, output }).resolveBase({ reference: 'node:0' });
    await expectCode(resolving, 'IMAGE_STORE_PULL_FAILED', 'node:0: not found');
    const silent = openBuildx({ docker: standIn('true').docker, output }).resolveBase({ reference: 'node:0' });
    await expectCode(silent, 'IMAGE_STORE_PULL_FAILED', 'did not say its digest');
  });
});
