import { expect, it } from 'vitest';

import type { JournalEntry } from '../journal/journal.ts';
import type { GateDefinition, HookDefinition } from './call-definition.ts';
import { callsAfterSwitch, callsBeforeSwitch, refuseMissingScripts } from './remaining-calls.ts';

const command = { kind: 'command', command: ['true'], folder: '/srv', timeoutMs: 1_000, pass: [] } as const;
const unit: GateDefinition = {
  id: 'gate:unit',
  name: 'unit',
  service: null,
  after: 'images',
  coverage: null,
  ...command,
};
const smoke: GateDefinition = { ...unit, id: 'gate:smoke', name: 'smoke', after: 'probe' };
const before: HookDefinition = {
  id: 'hook:before-switch:1',
  stage: 'switch',
  when: 'before',
  service: null,
  ...command,
};
const after: HookDefinition = { ...before, id: 'hook:after-switch:1', when: 'after' };
const note: HookDefinition = {
  ...{ id: 'hook:before-drain:script:note', stage: 'drain', when: 'before', service: null },
  ...{ kind: 'function', name: 'note', timeoutMs: 1_000 },
};
const calls = { gates: [unit, smoke], hooks: [before, after, note], jobs: ['import'] };

function entry(type: 'step-started' | 'step-finished' | 'step-failed', step: string): JournalEntry {
  const at = '2026-01-01T00:00:00.000Z';
  if (type === 'step-started') return { at, type, step, summary: step };
  return type === 'step-finished' ? { at, type, step } : { at, type, step, code: 'NO', message: 'no' };
}

function idsOf({ gates, hooks, jobs }: ReturnType<typeof callsBeforeSwitch>): readonly string[] {
  return [...gates, ...hooks].map(({ id }) => id).concat(jobs);
}

it('calls what the journal does not say to be done, and asks new instances again', () => {
  const all = ['gate:unit', 'gate:smoke', 'hook:before-switch:1', 'hook:after-switch:1', note.id, 'import'];
  expect(idsOf(callsBeforeSwitch(calls, []))).toEqual(all);
  const begun = [
    entry('step-started', 'gate:unit'),
    entry('step-failed', before.id),
    entry('step-started', 'job:import'),
  ];
  expect(idsOf(callsBeforeSwitch(calls, begun))).toEqual(all);
  const done = ['gate:unit', 'gate:smoke', before.id, 'job:import'].map((id) => entry('step-finished', id));
  expect(idsOf(callsBeforeSwitch(calls, done))).toEqual(['gate:smoke', 'hook:after-switch:1', note.id]);
});

it('calls after the switch what comes after it, and nothing again that was told of', () => {
  expect(idsOf(callsAfterSwitch(calls, []))).toEqual(['hook:after-switch:1', note.id]);
  expect(idsOf(callsAfterSwitch(calls, [entry('step-failed', after.id)]))).toEqual([note.id]);
  expect(idsOf(callsAfterSwitch(calls, [entry('step-started', after.id)]))).toEqual([after.id, note.id]);
});

it('does not go on without the functions that are still to be called', () => {
  const scripts = { gates: [], hooks: [] };
  const refuse = (of: typeof calls, functions: Parameters<typeof refuseMissingScripts>[2]) => () => {
    refuseMissingScripts('r7', of, functions);
  };
  expect(refuse(calls, scripts)).toThrow(/release r7 was deployed by a script.*note/);
  const given = { gates: [], hooks: [{ name: 'note', stage: 'drain', when: 'before', run: () => undefined } as const] };
  expect(refuse(calls, given)).not.toThrow();
  expect(refuse({ ...calls, hooks: [before] }, scripts)).not.toThrow();
});
