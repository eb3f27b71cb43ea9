import type { KeeperArchitecture } from '../../containers/keeper-program.ts';
import { parsed, textOf, textsOf } from './engine-answers.ts';
import type { EngineClient } from './engine-client.ts';
import { engineUnfit } from './errors.ts';

/** What decides how secrets are kept in an engine's memory. */
export interface EngineFacts {
  readonly architecture: KeeperArchitecture;
  /** Whether its kernel knows tmpfs that is never written to swap space: Linux 6.4, and not without root's rights. */
  readonly noswap: boolean;
}

const architectures: Readonly<Record<string, KeeperArchitecture>> = {
  x86_64: 'amd64',
  amd64: 'amd64',
  aarch64: 'arm64',
  arm64: 'arm64',
};

export async function engineFacts(client: EngineClient, signal: AbortSignal): Promise<EngineFacts> {
  const { body } = await client.ask({ method: 'GET', path: '/info', signal });
  const info = parsed(body);
  const machine = textOf(info, 'Architecture');
  const architecture = architectures[machine];
  if (textOf(info, 'OSType') !== 'linux' || architecture === undefined) {
    throw engineUnfit(
      client.address,
      `expected Linux on x86_64 or aarch64, it is ${textOf(info, 'OSType')} on ${machine}`,
    );
  }
  const security = textsOf(info, 'SecurityOptions');
  const has = (name: string) => security.some((option) => option.split(',').includes(`name=${name}`));
  // Files in a volume would belong to users other than those of the containers.
  if (has('userns')) throw engineUnfit(client.address, 'it maps the users of containers to others (userns-remap)');
  return { architecture, noswap: knowsNoswap(textOf(info, 'KernelVersion')) && !has('rootless') };
}

/** By the version that a kernel says: `6.1.0-18-amd64`. */
export function knowsNoswap(kernel: string): boolean {
  const [, major = '0', minor = '0'] = /^(\d+)\.(\d+)/.exec(kernel) ?? [];
  return Number(major) > 6 || (Number(major) === 6 && Number(minor) >= 4);
}
