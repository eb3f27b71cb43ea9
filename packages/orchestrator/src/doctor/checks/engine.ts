import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import type { EngineFacts } from '@maestro/bluegreen/docker';

import { check } from '../check.ts';
import { failed, type Judgement, ok, warning } from '../finding.ts';
import { looked, Nothing } from '../nothing.ts';
import { bytes, duration } from '../words.ts';
import { freeSpace } from './state.ts';

const oldest = [20, 10] as const;
/** What BuildKit and the labels of networks need. */
const oldestInterface = 41;
const toleratedMs = 5_000;
const spaceBytes = { failed: 512 * 1024 ** 2, warning: 3 * 1024 ** 3 };
/** Without layers that are shared, or with known faults. */
const poorDrivers = new Set(['aufs', 'devicemapper', 'vfs']);

const common = { group: 'engine', saidBy: 'engine' } as const;

export const engineChecks = [
  check({
    name: 'engine',
    group: 'engine',
    look: ({ engine }) => engine(),
    judge: ({ address }) => ok(`answers at ${address}`),
  }),
  check({ ...common, name: 'engine-version', look: ({ engine }) => engine(), judge: judgeVersion }),
  check({ ...common, name: 'engine-clock', look: ({ engine }) => engine(), judge: judgeClock }),
  check({
    ...common,
    name: 'engine-builder',
    look: ({ engine, environment, signal }) =>
      looked(engine(), async ({ hasBuildKit }) => {
        const buildx = environment.images?.buildx === undefined ? null : await buildxVersion(signal);
        return { buildx, hasBuildKit };
      }),
    judge: judgeBuilder,
  }),
  check({ ...common, name: 'engine-storage', look: ({ engine }) => engine(), judge: judgeStorage }),
  check({ ...common, name: 'engine-warnings', look: ({ engine }) => engine(), judge: judgeWarnings }),
  check({
    ...common,
    name: 'engine-disk',
    look: ({ engine }) =>
      looked(engine(), async ({ isLocal, rootFolder }) => {
        if (!isLocal) return new Nothing('the engine is on another machine');
        const space = await freeSpace(rootFolder).catch(() => undefined);
        return space ?? new Nothing(`${rootFolder} cannot be seen from here`);
      }),
    judge: judgeDisk,
  }),
];

export function judgeVersion(facts: Pick<EngineFacts, 'apiVersion' | 'version'>): Judgement {
  const { version, apiVersion } = facts;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [, level = 0] = apiVersion.split('.').map(Number);
  const isNew = (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) && level >= oldestInterface;
  if (isNew) return ok(`Docker Engine ${version}, interface ${apiVersion}`);
  const expected = `${oldest.join('.')} or newer with the interface 1.${oldestInterface}`;
  return failed(
    `Docker Engine ${version} with the interface ${apiVersion} is too old, expected ${expected}`,
    'apt-get install --only-upgrade docker-ce docker.io',
  );
}

export function judgeClock({ clockOffsetMs }: Pick<EngineFacts, 'clockOffsetMs'>): Judgement {
  if (clockOffsetMs === null) return ok('it does not tell the time');
  const offMs = Math.abs(clockOffsetMs);
  if (offMs <= toleratedMs) return ok('as the clock of this machine');
  const message = `the engine's clock is ${duration(offMs)} ${clockOffsetMs > 0 ? 'ahead of' : 'behind'} that of this machine`;
  return warning(`${message}: what is judged by logs and starts would be wrong`, 'timedatectl set-ntp true');
}

export function judgeBuilder(facts: {
  readonly hasBuildKit: boolean;
  /** `wanted` and missing is the empty text; null where the environment does not build with it. */
  readonly buildx: string | null;
}): Judgement {
  const { hasBuildKit, buildx } = facts;
  if (buildx === '')
    return failed('images.buildx is configured, and there is no docker buildx', 'apt-get install docker-buildx-plugin');
  if (buildx !== null) return ok(`docker buildx ${buildx}`);
  if (hasBuildKit) return ok('BuildKit');
  return ok("the classic builder, the engine's own choice");
}

export function judgeStorage({ storageDriver }: Pick<EngineFacts, 'storageDriver'>): Judgement {
  if (!poorDrivers.has(storageDriver)) return ok(storageDriver);
  return warning(
    `the storage driver ${storageDriver} is slow, and images take more room than they need to`,
    `docker info --format '{{.Driver}}' && cat /etc/docker/daemon.json`,
  );
}

export function judgeWarnings({ warnings }: Pick<EngineFacts, 'warnings'>): Judgement {
  if (warnings.length === 0) return ok('the engine warns of nothing');
  return warning(warnings.map((text) => text.replace(/^WARNING: /, '')).join('; '), 'docker info');
}

export function judgeDisk({ freeBytes }: { readonly freeBytes: number }): Judgement {
  const message = `${bytes(freeBytes)} are free for images and containers`;
  const fix = 'maestro images prune';
  if (freeBytes < spaceBytes.failed) return failed(message, fix);
  return freeBytes < spaceBytes.warning ? warning(message, fix) : ok(message);
}

/** Empty where there is none. */
async function buildxVersion(signal: AbortSignal): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('docker', ['buildx', 'version'], { signal });
    return /v?\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? 'of an unknown version';
  } catch {
    signal.throwIfAborted();
    return '';
  }
}
