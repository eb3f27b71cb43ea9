import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { type Clock, withDeadline } from '@maestro/core';

import { DemoError } from './errors.ts';
import type { LoadOptions } from './load-generator.ts';
import type { LoadReport, SentTemplates } from './load-report.ts';

export type LoadQuestion =
  | { readonly type: 'expect'; readonly revision: string | null }
  | { readonly type: 'report' }
  | { readonly type: 'stop' };

export interface LoadAnswer {
  readonly report: LoadReport;
  readonly sent?: SentTemplates;
}

/** Constant load in a thread of its own, so that what the demo does meanwhile does not slow it down. */
export interface Load extends AsyncDisposable {
  /** From its return on every answer must come from this revision; null while it is being switched. */
  expect(revision: string | null): Promise<void>;
  report(): Promise<LoadReport>;
  stop(): Promise<{ readonly report: LoadReport; readonly sent: SentTemplates }>;
}

const answerDeadlineMs = 30_000;

/** Questions are asked one after the other. */
export function startLoad(options: LoadOptions, clock: Clock): Load {
  const worker = new Worker(new URL('./load-worker.ts', import.meta.url), { workerData: options });
  const ended = new AbortController();
  worker.once('error', (error: Error) => {
    ended.abort(new DemoError('DEMO_LOAD_BROKEN', `the load broke: ${error.message}`, { cause: error }));
  });
  worker.once('exit', () => {
    ended.abort(new DemoError('DEMO_LOAD_BROKEN', 'the load has ended'));
  });
  const ask = (question: LoadQuestion): Promise<LoadAnswer> =>
    withDeadline(
      async (signal) => {
        const answered = once(worker, 'message', { signal });
        worker.postMessage(question);
        const [answer] = (await answered) as [LoadAnswer];
        return answer;
      },
      {
        deadlineMs: answerDeadlineMs,
        clock,
        signal: ended.signal,
        onExpired: () => new DemoError('DEMO_LOAD_BROKEN', `the load did not answer within ${answerDeadlineMs} ms`),
      },
    );
  return {
    async expect(revision) {
      await ask({ type: 'expect', revision });
    },
    report: async () => (await ask({ type: 'report' })).report,
    async stop() {
      const { report, sent } = await ask({ type: 'stop' });
      return { report, sent: sent ?? { acknowledged: [], uncertain: [] } };
    },
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
}
