import type { Check } from './check.ts';
import { certificateChecks } from './checks/certificates.ts';
import { clockCheck } from './checks/clock.ts';
import { databaseChecks } from './checks/databases.ts';
import { engineChecks } from './checks/engine.ts';
import { gateAndHookChecks } from './checks/gates-and-hooks.ts';
import { imageRepositoryChecks } from './checks/image-repository.ts';
import { machineChecks } from './checks/machine.ts';
import { proxyChecks } from './checks/proxy.ts';
import { releaseChecks } from './checks/release.ts';
import { secretChecks } from './checks/secrets.ts';
import { sourceChecks } from './checks/sources.ts';
import { stateChecks } from './checks/state.ts';

/** Every check of an environment whose configuration is right, in the order in which they are shown. */
export const checks: readonly Check[] = [
  ...machineChecks,
  clockCheck,
  ...stateChecks,
  ...sourceChecks,
  ...engineChecks,
  ...proxyChecks,
  ...certificateChecks,
  ...imageRepositoryChecks,
  ...secretChecks,
  ...databaseChecks,
  ...gateAndHookChecks,
  ...releaseChecks,
];
