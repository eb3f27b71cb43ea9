import type { RunResult } from './run-queue.ts';
import type { Settings } from './settings.ts';

interface Template {
  readonly name: string;
  readonly body: string;
}

interface Check {
  readonly passed: boolean;
  readonly findings: readonly { readonly line: number; readonly message: string }[];
}

interface Job {
  readonly state: string;
  readonly output: string;
}

// A job may take 50 s, in a cluster that has to fetch its image first.
const timeoutMs = 60_000;

/** The automation: a template is fetched, checked by quality-fabric and rendered by a job of k8s-execution-service. */
export async function publish(templateId: number, settings: Settings): Promise<RunResult> {
  const { templateServiceUrl, qualityFabricUrl, executionServiceUrl, executionToken } = settings;
  const template = await call<Template>(new URL(`/templates/${templateId}`, templateServiceUrl));
  const { passed, findings } = await call<Check>(new URL('/checks', qualityFabricUrl), template);
  if (!passed) {
    return { state: 'rejected', detail: findings.map(({ line, message }) => `line ${line}: ${message}`).join('; ') };
  }
  const job = await call<Job>(
    new URL('/jobs', executionServiceUrl),
    { program: 'render', input: template },
    executionToken,
  );
  if (job.state !== 'succeeded') throw new Error(`the job ${job.state}: ${job.output}`);
  return { state: 'published', detail: job.output };
}

async function call<Answer>(url: URL, body?: object, token?: string): Promise<Answer> {
  const response = await fetch(url, {
    signal: AbortSignal.timeout(timeoutMs),
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${url.pathname} answered ${response.status}`);
  return (await response.json()) as Answer;
}
