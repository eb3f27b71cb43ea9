import type { InitResult } from '@maestro/orchestrator';

import { table } from './table.ts';

/** What a new project has, and what to type now. */
export function renderInit({ folder, services, written, kept, next }: InitResult): string {
  return [
    `${services.length} ${services.length === 1 ? 'service' : 'services'} in ${folder}:`,
    ...table(
      services.map(({ name, context, command }) => [name, context, command?.join(' ') ?? 'as its image says']),
      '  ',
    ),
    ...(written.length === 0 ? [] : ['', 'Written:', ...written.map((file) => `  ${file}`)]),
    ...(kept.length === 0 ? [] : ['', 'There already, and left as it is:', ...kept.map((file) => `  ${file}`)]),
    '',
    'Next:',
    ...next.map((command) => `  ${command}`),
  ].join('\n');
}
