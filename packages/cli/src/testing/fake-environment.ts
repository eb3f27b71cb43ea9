import type { Environment, EnvironmentImages, EnvironmentMigrations, EnvironmentSecrets } from '@maestro/orchestrator';

/** An environment `production` that answers as told and fails every call nobody prepared it for. */
export function fakeEnvironment(answers: Partial<Environment>): Environment {
  return {
    project: 'shop',
    name: 'production',
    file: '/srv/shop/maestro.config.ts',
    plan: unexpected,
    deploy: unexpected,
    rollback: unexpected,
    resume: unexpected,
    abort: unexpected,
    status: unexpected,
    history: unexpected,
    logs: unexpected,
    exec: unexpected,
    metrics: unexpected,
    proxy: { show: unexpected },
    lock: { status: unexpected, release: unexpected },
    images: fakeImages({}),
    migrations: fakeMigrations({}),
    secrets: fakeSecrets({}),
    stop: unexpected,
    [Symbol.asyncDispose]: () => Promise.resolve(),
    ...answers,
  };
}

/** Images of the environment, in the same way. */
export function fakeImages(answers: Partial<EnvironmentImages>): EnvironmentImages {
  return {
    build: unexpected,
    push: unexpected,
    list: unexpected,
    tag: unexpected,
    history: unexpected,
    rollback: unexpected,
    prune: unexpected,
    scan: unexpected,
    save: unexpected,
    load: unexpected,
    mirror: unexpected,
    ...answers,
  };
}

/** Migrations of the environment, in the same way. */
export function fakeMigrations(answers: Partial<EnvironmentMigrations>): EnvironmentMigrations {
  return {
    run: unexpected,
    plan: unexpected,
    status: unexpected,
    rollback: unexpected,
    create: unexpected,
    lint: unexpected,
    repair: unexpected,
    adopt: unexpected,
    ...answers,
  };
}

/** Secrets of the environment, in the same way. */
export function fakeSecrets(answers: Partial<EnvironmentSecrets>): EnvironmentSecrets {
  return {
    prepare: unexpected,
    list: unexpected,
    diff: unexpected,
    upload: unexpected,
    run: unexpected,
    policy: unexpected,
    rotate: unexpected,
    inject: unexpected,
    reinject: unexpected,
    ...answers,
  };
}

export function unexpected(): Promise<never> {
  return Promise.reject(new Error('the test expected no such call'));
}
