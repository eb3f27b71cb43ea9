import type { ManagedSecretStore, RotationStrategy } from '../../src/index.ts';

/** Where a rotation can be stopped: before and after each of its effects, and within the change of the password. */
export const rotationPoints = [
  'before create',
  'after create',
  'before set',
  'within set',
  'after set',
  'before test',
  'after test',
  'before finish',
  'after finish',
] as const;

export type RotationPoint = (typeof rotationPoints)[number];

interface Rotating {
  readonly store: ManagedSecretStore;
  readonly strategy: RotationStrategy;
}

/** The same store and strategy, which call `stop` at one point. */
export function stoppingAt(point: RotationPoint, { store, strategy }: Rotating, stop: () => Promise<never>): Rotating {
  const reach = async (reached: string) => {
    if (reached === point) await stop();
  };
  const around = async <T>(effect: string, work: () => Promise<T>): Promise<T> => {
    await reach(`before ${effect}`);
    const result = await work();
    await reach(`after ${effect}`);
    return result;
  };
  return {
    store: {
      name: store.name,
      fetch: store.fetch.bind(store),
      list: store.list.bind(store),
      describe: store.describe.bind(store),
      create: store.create.bind(store),
      restore: store.restore.bind(store),
      put: (...call) => around('create', () => store.put(...call)),
      moveStage: (...call) => around('finish', () => store.moveStage(...call)),
    },
    strategy: {
      ...strategy,
      set: (pending, options) =>
        around('set', () =>
          strategy.set(pending, {
            ...options,
            async confirm() {
              await options.confirm();
              await reach('within set');
            },
          }),
        ),
      test: (...call) => around('test', () => strategy.test(...call)),
    },
  };
}
