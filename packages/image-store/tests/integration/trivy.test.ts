import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { type Clock, isMaestroError, MaestroError, processIdentity, Redacted } from '@maestro/core';
import { ManualClock } from '@maestro/core/testing';
import { describeWith } from '@maestro/services/vitest';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { assembleImage } from '../../src/index.ts';
import { openOciImageStore } from '../../src/oci.ts';
import { sampleSource, vulnerabilityScannerContract } from '../../src/testing.ts';
import { openTrivy, type TrivyOptions } from '../../src/trivy.ts';
import { newNamespace } from './registry-images.ts';

// Trivy itself is no package that tests may install. A stand-in prints what Trivy does; where MAESTRO_TEST_TRIVY names
// a real one, the contract holds for that one too.
const realTrivy = process.env.MAESTRO_TEST_TRIVY;

const image = { repository: 'shop-api', digest: `sha256:${'a'.repeat(64)}` };
const missing = { ...image, digest: `sha256:${'b'.repeat(64)}` };
const reference = `registry.test/team/shop-api@${image.digest}`;
const lodash = {
  VulnerabilityID: 'CVE-2019-10744',
  PkgName: 'lodash',
  PkgPath: 'app/node_modules/lodash/package.json',
  InstalledVersion: '4.17.4',
  FixedVersion: '4.17.12',
  Status: 'fixed',
  Severity: 'CRITICAL',
};
const report = JSON.stringify({
  SchemaVersion: 2,
  ArtifactName: reference,
  ArtifactType: 'container_image',
  Results: [{ Target: 'Node.js', Class: 'lang-pkgs', Type: 'node-pkg', Vulnerabilities: [lodash] }],
});

let folder: string;
const at = (name: string) => join(folder, name);
const noted = (name: string) => readFile(at(name), 'utf8');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maestro-trivy-test-'));
  await writeFile(at('report.json'), report);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** A program that writes down how it was started, and does this then. */
async function standIn(script: string): Promise<string> {
  const notes = `printf '%s\\n' "$@" >'${at('arguments')}'; env >'${at('environment')}'; ls -A >'${at('files')}'`;
  await writeFile(at('trivy'), `#!/bin/sh\n${notes}\n${script}\n`);
  await chmod(at('trivy'), 0o755);
  return at('trivy');
}

const open = (program: string, options: Partial<TrivyOptions> = {}) =>
  openTrivy({ registry: 'https://registry.test', namespace: 'team', program, ...options });

const printing = () => standIn(`cat '${at('report.json')}'`);

async function failureOf(work: Promise<unknown>): Promise<MaestroError> {
  const error: unknown = await work.catch((reason: unknown) => reason);
  expect(isMaestroError(error, 'IMAGE_STORE_SCAN_FAILED')).toBe(true);
  return error as MaestroError;
}

describe('Trivy, by a stand-in that prints its documents', () => {
  const create = async () => {
    const program = await standIn(
      `case "$*" in *${missing.digest}) echo 'FATAL unable to find the image' >&2; exit 1;; *) cat '${at('report.json')}';; esac`,
    );
    return { scanner: open(program), vulnerable: image, package: 'lodash', missing };
  };
  for (const { name, run } of vulnerabilityScannerContract(create)) it(name, run);

  it('is run in an empty folder, so that no file beside the deployment leaves findings out', async () => {
    await open(await printing()).scan(image);
    expect(await noted('files')).toBe('');
    expect((await noted('arguments')).split('\n')).toContain(reference);
  });

  it('gets the login in its environment, never among its arguments', async () => {
    const credentials = () => Promise.resolve({ username: 'ada', password: new Redacted('horse') });
    await open(await printing(), { credentials }).scan(image);
    expect(await noted('environment')).toMatch(/^TRIVY_USERNAME=ada$/m);
    expect(await noted('environment')).toMatch(/^TRIVY_PASSWORD=horse$/m);
    expect(await noted('arguments')).not.toMatch(/ada|horse/);
  });

  it('gets no settings that leave findings out', async () => {
    vi.stubEnv('TRIVY_SEVERITY', 'CRITICAL');
    vi.stubEnv('TRIVY_CACHE_DIR', '/var/cache/trivy');
    await open(await printing()).scan(image);
    expect((await noted('environment')).match(/^TRIVY_.*$/gm)).toEqual(['TRIVY_CACHE_DIR=/var/cache/trivy']);
  });

  it('scans one image after the other, because its cache is locked', async () => {
    const program = await standIn(
      `mkdir '${at('lock')}' || exit 9; sleep 0.1; rmdir '${at('lock')}'; cat '${at('report.json')}'`,
    );
    const scanner = open(program);
    expect(await Promise.all(Array.from({ length: 4 }, () => scanner.scan(image)))).toHaveLength(4);
  });

  it.each<[string, string, RegExp]>([
    ['fails', "echo 'FATAL Fatal error: MANIFEST_UNKNOWN' >&2; exit 1", /ended with 1: FATAL .*MANIFEST_UNKNOWN$/],
    ['prints a whole report and fails', `cat "$(dirname "$0")/report.json"; exit 2`, /ended with 2$/],
    ['is killed', 'kill -KILL $$', /was killed$/],
    ['is killed in the middle', `head -c 80 "$(dirname "$0")/report.json"; kill -TERM $$`, /was killed$/],
    ['prints half of it', `head -c 80 "$(dirname "$0")/report.json"`, /printed no whole report in JSON$/],
    ['prints nothing', 'true', /printed no whole report in JSON$/],
    ['prints something else', 'echo Usage: trivy', /printed no whole report in JSON$/],
    ['knows nothing in the image', `sed 's/"Results".*/"Results":[]}/' "$(dirname "$0")/report.json"`, /nothing in it/],
  ])('gives no report where it %s', async (_, script, message) => {
    const error = await failureOf(open(await standIn(script)).scan(image));
    expect(error.message).toMatch(message);
    expect(error.hint).not.toBe('');
    expect(error.details).toEqual({ ...image, scanner: 'trivy' });
  });

  it('says where to get it when it is missing', async () => {
    const error = await failureOf(open(at('absent')).scan(image));
    expect(error).toMatchObject({ message: expect.stringMatching(/cannot be run: ENOENT$/) as string });
    expect(error.hint).toMatch(/^install it, https:\/\/trivy\.dev/);
  });

  /** Waits for the program's process number. */
  const started = () =>
    vi.waitFor(async () => Number(await noted('pid')) || expect.unreachable(), { timeout: 10_000, interval: 10 });
  const silent = () => standIn(`echo $$ >'${at('pid')}'; exec sleep 600`);

  it('is killed when it says nothing until its deadline', async () => {
    const clock: Clock & ManualClock = new ManualClock();
    const work = open(await silent(), { clock, deadlineMs: 5000 }).scan(image);
    work.catch(() => undefined);
    const pid = await started();
    await clock.advance(5000);
    const error = await failureOf(work);
    expect(error).toMatchObject({
      retryable: true,
      message: expect.stringMatching(/within 5000 ms$/) as string,
    });
    await expect.poll(() => processIdentity(pid), { timeout: 10_000 }).toBeUndefined();
  });

  it('is killed when the caller gives up', async () => {
    const controller = new AbortController();
    const work = open(await silent()).scan(image, { signal: controller.signal });
    work.catch(() => undefined);
    const pid = await started();
    controller.abort(new Error('given up'));
    await expect(work).rejects.toThrow('given up');
    await expect.poll(() => processIdentity(pid), { timeout: 10_000 }).toBeUndefined();
  });

  it('repeats no password that it prints', async () => {
    const credentials = () => Promise.resolve({ username: 'ada', password: new Redacted('horse') });
    const program = await standIn('echo "login $TRIVY_USERNAME:$TRIVY_PASSWORD refused" >&2; exit 1');
    const error = await failureOf(open(program, { credentials }).scan(image));
    expect(error.message).toMatch(/login ada:\[redacted\] refused$/);
    expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('horse');
  });

  it('is not run with a password that it would take for two', async () => {
    const credentials = () => Promise.resolve({ username: 'ada', password: new Redacted('horse,battery') });
    const error = await failureOf(open(await printing(), { credentials }).scan(image));
    expect(error.hint).toMatch(/docker login registry\.test$/);
    expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('horse');
  });

  it('is not run where the login cannot be found', async () => {
    const credentials = () =>
      Promise.reject(new MaestroError('IMAGE_STORE_CREDENTIALS', 'no helper', { hint: 'install it' }));
    const error = await failureOf(open(await printing(), { credentials }).scan(image));
    expect(error).toMatchObject({ message: expect.stringMatching(/no helper$/) as string, hint: 'install it' });
  });
});

// No suite where there is none: a skipped one would fail in CI, where it cannot be had.
if (realTrivy !== undefined) {
  describeWith('Trivy itself, on an image in a repository', ['image-repository'], (parts) => {
    const create = async () => {
      const { address, prefix } = parts()['image-repository'];
      const namespace = newNamespace(prefix);
      const source = sampleSource({
        'node_modules/lodash/package.json': JSON.stringify({ name: 'lodash', version: '4.17.4' }),
      });
      const assembled = await assembleImage({ source, repository: 'shop-api', environment: 'production' });
      const vulnerable = await openOciImageStore({ registry: address, namespace }).put(assembled);
      const scanner = openTrivy({ registry: address, namespace, program: realTrivy });
      return { scanner, vulnerable, package: 'lodash', missing };
    };
    for (const { name, run } of vulnerabilityScannerContract(create)) it(name, run, 600_000);

    it('is of a version that knows the options', () => {
      expect(execFileSync(realTrivy, ['image', '--help'], { encoding: 'utf8' })).toMatch(/--image-src/);
    });
  });
}
