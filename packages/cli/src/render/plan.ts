import type { AffectedService, Plan, PlannedService, PlanStep } from '@maestro/orchestrator';

import type { Colors } from '../terminal.ts';
import { shortDigest, shortImage } from './images.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';

/** A plan for people: what happens to each service, then step by step, then the hash that stands for all of it. */
export function renderPlan({ environment, hash, services, steps, affected }: Plan, { colors }: Style): string {
  const changed = services.filter(({ change }) => change !== 'keep').length;
  return [
    colors.bold(`Plan for ${environment}: ${changed} of ${services.length} services change`),
    ...table(
      services.map((service) => serviceRow(service, colors)),
      '  ',
    ),
    ...(affected === undefined ? [] : affectedLines(affected)),
    '',
    ...table(
      steps.map((step, index) => stepRow(step, index, colors)),
      '  ',
    ),
    ...(steps.length === 0 ? ['Nothing to do.'] : []),
    ...services.flatMap((service) => waitingLines(service, environment)),
    '',
    `Plan ${hash}`,
    'Pass it to deploy with --plan to run exactly these steps, or none.',
  ].join('\n');
}

function affectedLines(affected: readonly AffectedService[]): string[] {
  if (affected.length === 0) return ['', 'No service is affected by what changed.'];
  const rows = affected.map(({ name, reasons }) => [name, reasons.map(({ summary }) => summary).join('; ')]);
  return ['', 'Affected by what changed:', ...table(rows, '  ')];
}

function waitingLines({ name, waitingMigrations }: PlannedService, environment: string): string[] {
  if (waitingMigrations.length === 0) return [];
  const command = `maestro migrate run --phase contract --service ${name} -e ${environment}`;
  return [`${name}: ${waitingMigrations.join(', ')} waits for: ${command}`];
}

function serviceRow({ name, change, image, digest, reason }: PlannedService, colors: Colors): string[] {
  const cells = [name, change, shortImage(image), digest === null ? 'to be built' : shortDigest(digest), reason];
  return change === 'keep' ? cells.map(colors.dim) : cells;
}

function stepRow({ kind, service, summary, irreversible }: PlanStep, index: number, colors: Colors): string[] {
  const warning = irreversible ? colors.yellow('irreversible') : '';
  return [String(index + 1).padStart(2), kind, service ?? '', summary, warning];
}
