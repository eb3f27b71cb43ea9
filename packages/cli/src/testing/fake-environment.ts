import type { Environment } from '@maestro/orchestrator';

/** An environment `production` that answers as told and fails every call nobody prepared it for. */
export function fakeEnvironment(answers: Partial<Environment>): Environment {
  const unexpected = () => Promise.reject(new Error('the test expected no such call'));
  return {
    project: 'shop',
    name: 'production',
    plan: unexpected,
    deploy: unexpected,
    rollback: unexpected,
    resume: unexpected,
    abort: unexpected,
    status: unexpected,
    history: unexpected,
    images: unexpected,
    tag: unexpected,
    prune: unexpected,
    stop: unexpected,
    [Symbol.asyncDispose]: () => Promise.resolve(),
    ...answers,
  };
}
