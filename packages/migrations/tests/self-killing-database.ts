import type { MigrationAttempt, MigrationDatabase, MigrationSession } from '../src/index.ts';

/**
 * Kills this process, as SIGKILL does, before or after the call to the database of that number: 2n before the nth call,
 * 2n + 1 after it.
 */
export function killingItself(database: MigrationDatabase, killAt: number): MigrationDatabase {
  let passed = 0;
  const pass = () => {
    if (passed === killAt) process.kill(process.pid, 'SIGKILL');
    passed += 1;
  };
  const between = async <T>(call: () => Promise<T>): Promise<T> => {
    pass();
    const answer = await call();
    pass();
    return answer;
  };
  const attemptOf = (attempt: MigrationAttempt): MigrationAttempt => ({
    execute: (statement) => between(() => attempt.execute(statement)),
    call: (statement, work) => between(() => attempt.call(statement, work)),
    use: (work) => attempt.use(work),
    finish: (change) => between(() => attempt.finish(change)),
    abandon: () => attempt.abandon(),
  });
  const sessionOf = (session: MigrationSession): MigrationSession => ({
    history: (service) => session.history(service),
    begin: (options) => between(async () => attemptOf(await session.begin(options))),
    settle: (service, unfinished) => session.settle(service, unfinished),
    record: (service, rows) => between(() => session.record(service, rows)),
    use: (work, signal) => session.use(work, signal),
    release: () => between(() => session.release()),
  });
  return {
    location: database.location,
    dialect: database.dialect,
    history: (service, signal) => database.history(service, signal),
    lock: (signal) => between(async () => sessionOf(await database.lock(signal))),
    read: (work, signal) => database.read(work, signal),
    close: () => database.close(),
  };
}
