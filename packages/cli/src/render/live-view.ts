import type { BatchEvent, CheckEvent, ImageEvent, PlanStep, ReleaseEvent, ScanEvent } from '@maestro/orchestrator';

import type { Colors } from '../terminal.ts';
import { isBatchEvent } from './migration-events.ts';
import { type AnySecretsEvent, isSecretsEvent } from './secrets-events.ts';
import { table } from './table.ts';
import { formatDuration } from './times.ts';

/** What a terminal shows of a command under way; times are the clock's monotonic ones. */
export interface LiveView {
  readonly title: string;
  /** The steps that have begun, in that order. */
  readonly begun: readonly BegunStep[];
  /** How many steps the plan has. */
  readonly planned: number;
  /** How many checks have ended. */
  readonly checked: number;
  /** Said below the steps; null for nothing. */
  readonly notice: string | null;
}

/** A step of a release, or the work on one image. */
interface BegunStep {
  readonly step: Pick<PlanStep, 'id' | 'service'> & { readonly kind: string };
  readonly startedMs: number;
  /** The last thing it reported. */
  readonly message: string;
  /** Null while it runs. */
  readonly ended: { readonly failed: boolean; readonly durationMs: number } | null;
}

export interface LiveStyle {
  readonly colors: Colors;
  /** The clock's monotonic time. */
  readonly nowMs: number;
}

export const emptyView: LiveView = { title: '', begun: [], planned: 0, checked: 0, notice: null };

/** The view after one more event. */
export function follow(
  view: LiveView,
  event: BatchEvent | CheckEvent | ImageEvent | ReleaseEvent | ScanEvent | AnySecretsEvent,
  nowMs: number,
): LiveView {
  // Over before anybody has read it; the result says the same.
  if (isSecretsEvent(event)) return view;
  if (event.type === 'check-finished') return { ...view, checked: view.checked + 1 };
  if (isBatchEvent(event)) return followBatch(view, event, nowMs);
  if (isImageEvent(event)) return followImage(view, event, nowMs);
  switch (event.type) {
    case 'release-started':
      return { ...view, title: `${event.kind} ${event.release} in ${event.environment}`, planned: event.steps.length };
    case 'step-started':
      return { ...view, begun: [...view.begun, { step: event.step, startedMs: nowMs, message: '', ended: null }] };
    case 'step-progress':
      return withStep(view, event.stepId, { message: event.message });
    case 'step-finished':
      return withStep(view, event.step.id, { ended: { failed: false, durationMs: event.durationMs } });
    case 'step-failed':
      return withStep(view, event.step.id, {
        message: event.error.message,
        ended: { failed: true, durationMs: event.durationMs },
      });
    case 'release-finished':
      return view;
  }
}

function isImageEvent(event: ImageEvent | ReleaseEvent | ScanEvent): event is ImageEvent | ScanEvent {
  return event.type.startsWith('image-');
}

function followImage(view: LiveView, event: ImageEvent | ScanEvent, nowMs: number): LiveView {
  switch (event.type) {
    case 'image-build-started':
      return beginning(view, { kind: 'build', service: event.service }, nowMs);
    case 'image-build-output':
      return withStep(view, `build:${event.service}`, { message: event.line });
    case 'image-build-finished':
      return withStep(view, `build:${event.service}`, { ended: { failed: false, durationMs: event.durationMs } });
    case 'image-unchanged': {
      const begun = beginning(view, { kind: 'build', service: event.service }, nowMs);
      return withStep(begun, `build:${event.service}`, { ended: { failed: false, durationMs: 0 } });
    }
    case 'image-layer': {
      const { repository, direction, layer, status, currentBytes, totalBytes } = event;
      const share = totalBytes === 0 ? '' : ` ${Math.floor((100 * currentBytes) / totalBytes)} %`;
      const id = `${direction}:${repository}`;
      const underway = view.begun.some(({ step, ended }) => step.id === id && ended === null);
      const begun = underway ? view : beginning(view, { kind: direction, service: repository }, nowMs);
      return withStep(begun, id, { message: `${layer}: ${status}${share}` });
    }
    case 'image-scan-started':
      return beginning(view, { kind: 'scan', service: event.repository }, nowMs);
    case 'image-scan-finished':
      return withStep(view, `scan:${event.repository}`, { ended: { failed: false, durationMs: event.durationMs } });
    case 'image-allowance':
      return view;
    case 'image-copied':
    case 'image-pushed':
    case 'image-pulled': {
      const id = `${event.type === 'image-pulled' ? 'pull' : 'push'}:${event.repository}`;
      return withStep(view, id, { ended: { failed: false, durationMs: event.durationMs } });
    }
  }
}

function followBatch(view: LiveView, event: BatchEvent, nowMs: number): LiveView {
  const { database } = event;
  const id = `migrate:${database}`;
  switch (event.type) {
    case 'database-started':
      return beginning(view, { kind: 'migrate', service: database }, nowMs);
    case 'database-refused': {
      const begun = beginning(view, { kind: 'migrate', service: database }, nowMs);
      return withStep(begun, id, { message: event.error, ended: { failed: true, durationMs: 0 } });
    }
    case 'migration-started':
      // Reverting one database is no batch: each migration is a step of its own.
      return event.direction === 'down'
        ? beginning(view, { kind: 'revert', service: `${database} ${event.name}` }, nowMs)
        : withStep(view, id, { message: event.name });
    case 'migration-reverted':
      return withStep(view, `revert:${database} ${event.name}`, {
        ended: { failed: false, durationMs: event.durationMs },
      });
    case 'migration-failed': {
      const step = event.direction === 'down' ? `revert:${database} ${event.name}` : id;
      return ending(withStep(view, step, { message: event.error }), step, { failed: true }, nowMs);
    }
    case 'waiting-for-lock':
      return withStep(view, id, { message: event.reason });
    case 'hook-started':
      return withStep(view, id, { message: event.hook });
    case 'database-finished':
      return ending(view, id, { failed: event.outcome !== 'done' }, nowMs);
    case 'database-checked':
    case 'hook-finished':
    case 'migration-adopted':
    case 'migration-applied':
    case 'schema-dumped':
    case 'statement-applied':
      return view;
  }
}

function ending(view: LiveView, id: string, { failed }: { readonly failed: boolean }, nowMs: number): LiveView {
  const begun = view.begun.find(({ step, ended }) => step.id === id && ended === null);
  return begun === undefined ? view : withStep(view, id, { ended: { failed, durationMs: nowMs - begun.startedMs } });
}

function beginning(
  view: LiveView,
  { kind, service }: { readonly kind: string; readonly service: string },
  nowMs: number,
) {
  const step = { id: `${kind}:${service}`, kind, service };
  return { ...view, begun: [...view.begun, { step, startedMs: nowMs, message: '', ended: null }] };
}

/** The view as the lines a terminal shows. */
export function renderLiveView(view: LiveView, { colors, nowMs }: LiveStyle): string {
  const waiting = Math.max(0, view.planned - view.begun.length);
  return [
    ...(view.title === '' ? [] : [colors.bold(view.title)]),
    ...table(
      view.begun.map((step) => stepRow(step, { colors, nowMs })),
      '  ',
    ),
    ...(waiting === 0 ? [] : [colors.dim(`  ${waiting} more ${waiting === 1 ? 'step' : 'steps'}`)]),
    ...(view.checked === 0 ? [] : [colors.dim(`${view.checked} checks made`)]),
    ...(view.notice === null ? [] : [colors.yellow(view.notice)]),
  ].join('\n');
}

function stepRow({ step, startedMs, message, ended }: BegunStep, { colors, nowMs }: LiveStyle): string[] {
  const { kind, service = '' } = step;
  if (ended === null) {
    // Whole seconds, so that the view changes once a second and not with every redraw.
    const elapsedMs = Math.floor((nowMs - startedMs) / 1000) * 1000;
    return [colors.cyan('•'), kind, service, elapsedMs === 0 ? '' : formatDuration(elapsedMs), colors.dim(message)];
  }
  const [mark, remark] = ended.failed ? [colors.red('✗'), colors.red(message)] : [colors.green('✓'), ''];
  return [mark, kind, service, formatDuration(ended.durationMs), remark];
}

function withStep(view: LiveView, id: string, change: Partial<BegunStep>): LiveView {
  // A step may be tried again; only its last try is still open.
  const index = view.begun.findLastIndex(({ step }) => step.id === id);
  return { ...view, begun: view.begun.map((begun, at) => (at === index ? { ...begun, ...change } : begun)) };
}
