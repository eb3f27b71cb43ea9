import {
  type BatchDatabase,
  type BatchEvent,
  type MigrationBatchOptions,
  type MigrationDatabase,
  openMigrationBatch,
} from '../src/index.ts';
import { InMemoryMigrationDatabase } from '../src/testing.ts';
import { Scenario } from './scenario.ts';

/** Databases of one folder, each in memory and counted while it is open. */
export class BatchScenario {
  readonly events: BatchEvent[] = [];
  readonly kept = new Map<string, InMemoryMigrationDatabase>();
  readonly scenario: Scenario;
  /** Wraps what is opened. */
  opened = (_: string, database: MigrationDatabase): MigrationDatabase => database;
  open = 0;
  /** Names, each as often as it was opened. */
  readonly opens: string[] = [];
  mostOpen = 0;

  private constructor(scenario: Scenario) {
    this.scenario = scenario;
  }

  static async create(...names: readonly string[]): Promise<BatchScenario> {
    const databases = new BatchScenario(await Scenario.create());
    await databases.scenario.writeScripts('0001_a', '0002_b');
    for (const name of names) databases.kept.set(name, new InMemoryMigrationDatabase());
    return databases;
  }

  batch(options: Partial<MigrationBatchOptions> = {}) {
    const databases = this.only(...this.kept.keys());
    return openMigrationBatch({ databases, onEvent: (event) => this.events.push(event), ...options });
  }

  only(...names: readonly string[]): BatchDatabase[] {
    const { folder } = this.scenario;
    return names.map((name) => {
      const database = this.kept.get(name) ?? new InMemoryMigrationDatabase();
      return { name, service: 'api', folder, lockDeadlineMs: 1000, open: () => this.#counted(name, database) };
    });
  }

  applied(name: string): number {
    return this.kept.get(name)?.statements.length ?? 0;
  }

  /** Names of the databases that events of this kind were about. */
  about(type: BatchEvent['type']): string[] {
    return this.events.filter((event) => event.type === type).map(({ database }) => database);
  }

  #counted(name: string, database: InMemoryMigrationDatabase): MigrationDatabase {
    this.open += 1;
    this.opens.push(name);
    this.mostOpen = Math.max(this.mostOpen, this.open);
    // What is in memory is everybody's one connection, which others may use.
    const close = () => Promise.resolve(void (this.open -= 1));
    return this.opened(name, {
      location: name,
      dialect: database.dialect,
      history: (service, signal) => database.history(service, signal),
      lock: (signal) => database.lock(signal),
      read: (work, signal) => database.read(work, signal),
      close,
    });
  }
}
