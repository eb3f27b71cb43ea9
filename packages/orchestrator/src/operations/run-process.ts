import { baseVariables } from '@maestro/bluegreen/embedded';
import { runWithSecrets } from '@maestro/secrets';

import { instanceVariables } from '../release/instance-variables.ts';
import { obtainableSecrets } from '../release/obtainable-secrets.ts';
import type { Parts } from '../release/parts.ts';
import { notRunning } from './errors.ts';
import type { RunBeside } from './run-beside.ts';

/** What programs ask their terminal's kind by. */
const terminalVariables = ['TERM', 'COLORTERM', 'NO_COLOR'];

interface ProcessParts extends Pick<Parts, 'addresses' | 'clock' | 'logger' | 'secrets'> {
  /** The folder with an image's files. */
  readonly unpack: (image: { readonly service: string; readonly digest: string }) => Promise<string>;
}

/** Runs programs in the folder of an instance's image, with the variables and secrets that the instance has. */
export function runProcesses(parts: ProcessParts): RunBeside {
  return async ({ instance, definition, command: [command = '', ...args], replica, signal }) => {
    const { service, slot, digest, release } = instance;
    const address = instance.addresses[replica];
    if (address === undefined) throw notRunning(service, `has no copy ${replica} in ${slot}`);
    const addresses = (await parts.addresses())?.services ?? {};
    const inherited = {
      ...Object.fromEntries(terminalVariables.map((name) => [name, process.env[name]])),
      ...baseVariables(),
      ...instanceVariables({ release, slot, service: definition, addresses }),
      HOST: address.host,
      PORT: String(address.port),
    };
    const secrets = await obtainableSecrets(parts, definition, signal);
    const folder = await parts.unpack({ service, digest });
    // A service's own variables may be called as those that are left out for other commands.
    const pass = Object.keys(inherited);
    return await runWithSecrets({ command, args, folder, secrets, inherited, pass, signal, clock: parts.clock });
  };
}
