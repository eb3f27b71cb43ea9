import { readFile } from 'node:fs/promises';

import { messageOf } from '@maestro/core';

import { BlueGreenError } from '../../errors.ts';
import { snippetOf } from './content-files.ts';
import type { NginxLayout } from './nginx-layout.ts';
import { portInUse } from './nginx-state.ts';

/** What `nginx -t` found wrong, as a place in what the user wrote where it is one. */
export function configurationRefused(said: string): BlueGreenError {
  const [, reason = said, file = '', line = ''] = /\[emerg\] (?:\d+#\d+: )?(.*?) in (\S+):(\d+)/.exec(said) ?? [];
  const service = snippetOf(file);
  if (service !== undefined) {
    const place = `services.${service}.proxy.snippet`;
    return new BlueGreenError('BLUEGREEN_TOPOLOGY_REFUSED', `nginx refuses line ${line} of ${place}: ${reason}`, {
      hint: 'correct that line; nothing was changed',
      details: { place, line: Number(line), said },
    });
  }
  const short = /\[emerg\] (?:\d+#\d+: )?(.*)/.exec(said)?.[1] ?? said;
  return new BlueGreenError('BLUEGREEN_TOPOLOGY_REFUSED', `nginx refuses the configuration: ${short}`, {
    hint: 'correct what it names, such as a certificate; nothing was changed',
    details: { said },
  });
}

/** Why a configuration that was found right is not served: what nginx has written into its log since, where that tells. */
export async function notServed(layout: NginxLayout, error: unknown, sinceByte: number): Promise<unknown> {
  const log = await readFile(layout.errorLog, 'utf8').catch(() => '');
  const said = `${messageOf(error)}\n${log.slice(sinceByte)}`;
  const [, place, reason] = /bind\(\) to (\S+) failed \(\d+: (.*?)\)/.exec(said) ?? [];
  return place === undefined || reason === undefined ? error : portInUse(place, reason);
}
