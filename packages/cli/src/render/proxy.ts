import type { ProxyView, RoutedServiceView, SlotView } from '@maestro/orchestrator';

import type { Style } from './style.ts';
import { alignedTables } from './table.ts';
import { formatAge } from './times.ts';

/** Where requests go, for people. */
export function renderProxy({ environment, url, generation, services }: ProxyView, style: Style): string {
  const { colors, now } = style;
  const slots = alignedTables(
    services.map(({ slots: both }) => both.filter(({ state }) => state !== null).map((slot) => slotRow(slot, style))),
    '  ',
  );
  const live =
    generation === null
      ? 'Nothing was switched to yet.'
      : `generation ${generation.number}, release ${generation.release}, switched ${formatAge(generation.at, now)}`;
  return [
    `${colors.bold(environment)}  ${url ?? 'the proxy does not run'}`,
    live,
    ...services.flatMap((service, index) => ['', headOf(service, style), ...(slots[index] ?? [])]),
  ].join('\n');
}

function headOf({ name, route, internalUrl }: RoutedServiceView, { colors }: Style): string {
  const outside = route === null ? 'no route' : `${route.host ?? '*'}${route.path}`;
  return [colors.bold(name), outside, ...(internalUrl === null ? [] : [`inside ${internalUrl}`])].join('  ');
}

function slotRow({ slot, percent, state, addresses }: SlotView, { colors }: Style): readonly string[] {
  const row = [slot, `${percent} %`, state ?? '', addresses.join(', ')];
  return percent === 0 ? row.map(colors.dim) : row;
}
