import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isOpenRotation, nextRotationStep, type ObservedRotation, type RotationProgress } from './rotation-step.ts';

const version = fc.constantFrom('v1', 'v2', 'v3');
const perhaps = fc.option(version, { nil: undefined });
const progress = fc.record({ from: version, to: version, reached: fc.constantFrom('created', 'set', 'tested') });
const observed: fc.Arbitrary<ObservedRotation> = fc.record({
  stages: fc.record({ current: version, previous: version, pending: version }, { requiredKeys: [] }),
  begunAt: perhaps,
  token: perhaps,
  follows: fc.boolean(),
  progress: fc.option(progress as fc.Arbitrary<RotationProgress>, { nil: undefined }),
});

describe('whatever is observed', () => {
  it('works only on the one version that is pending and has never been current, after the one that is current', () => {
    fc.assert(
      fc.property(observed, (state) => {
        const step = nextRotationStep(state);
        if (!('to' in step)) return;
        expect(step).toMatchObject({ from: state.stages.current, to: state.stages.pending });
        expect(isOpenRotation(state.stages)).toBe(true);
      }),
    );
  });

  it('makes current only what was set and tested in the same run', () => {
    fc.assert(
      fc.property(observed, (state) => {
        if (nextRotationStep(state).type === 'finish') expect(state.progress?.reached).toBe('tested');
      }),
    );
  });

  it('creates none while another rotation is open that can be finished', () => {
    fc.assert(
      fc.property(observed, (state) => {
        const step = nextRotationStep(state);
        if (step.type !== 'create') return;
        expect(isOpenRotation(state.stages) && state.follows).toBe(false);
        expect(step).toMatchObject({ from: state.stages.current, replacing: state.stages.pending });
        expect(state.stages.current).toBe(state.begunAt);
      }),
    );
  });

  it('is done only when what was to be made current is, or was', () => {
    fc.assert(
      fc.property(observed, (state) => {
        const step = nextRotationStep(state);
        if (step.type === 'done') expect([state.stages.current, state.stages.previous]).toContain(step.version);
      }),
    );
  });
});

/** The steps from an observation to the end, where nobody else does anything. */
function stepsFrom(start: ObservedRotation): readonly string[] {
  const types: string[] = [];
  let state = start;
  for (;;) {
    const step = nextRotationStep(state);
    types.push(step.type);
    if (step.type === 'done' || step.type === 'conflict' || types.length > 9) return types;
    state = after(state, step);
  }
}

function after(state: ObservedRotation, step: ReturnType<typeof nextRotationStep>): ObservedRotation {
  const { stages } = state;
  switch (step.type) {
    case 'create':
      return {
        ...state,
        stages: { ...stages, pending: 'new' },
        progress: { from: step.from, to: 'new', reached: 'created' },
      };
    case 'resume':
      return { ...state, progress: { from: step.from, to: step.to, reached: 'created' } };
    case 'set':
    case 'test':
      return { ...state, progress: { from: step.from, to: step.to, reached: step.type === 'set' ? 'set' : 'tested' } };
    case 'finish':
      return { ...state, stages: { ...stages, current: step.to, previous: step.from } };
    default:
      return state;
  }
}

it('comes to an end from wherever an earlier run was stopped', () => {
  fc.assert(
    fc.property(observed, (start) => {
      const began = { ...start, begunAt: start.stages.current, progress: undefined };
      const types = stepsFrom(began);
      expect(types.at(-1)).toBe(start.stages.current === undefined ? 'conflict' : 'done');
      expect(types.length).toBeLessThanOrEqual(5);
    }),
  );
});

it.each([
  ['nothing is pending', {}, ['create', 'set', 'test', 'finish', 'done']],
  ['one is pending', { pending: 'v2' }, ['resume', 'set', 'test', 'finish', 'done']],
  ['the last one is still called pending', { pending: 'v1' }, ['create', 'set', 'test', 'finish', 'done']],
  ['what was rolled back is called pending', { pending: 'v0' }, ['create', 'set', 'test', 'finish', 'done']],
])('goes through the steps in order when %s', (_, pending, expected) => {
  const stages = { current: 'v1', previous: 'v0', ...pending };
  const start = { stages, begunAt: 'v1', token: undefined, follows: true, progress: undefined };
  expect(stepsFrom(start)).toEqual(expected);
});
