import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { testedNodes } from '../src/node-versions.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const folder = join(root, '.github', 'workflows');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string | number>>;
}

interface Job {
  readonly 'timeout-minutes'?: number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

const workflows = readdirSync(folder).map((name) => {
  const text = readFileSync(join(folder, name), 'utf8');
  const content = parse(text) as Workflow;
  const jobs = Object.values(content.jobs);
  return { name, text, content, jobs, steps: jobs.flatMap(({ steps }) => steps) };
});

describe.each(workflows)('$name', ({ text, content, jobs, steps }) => {
  it('may read the repository and nothing more, unless a job says otherwise', () => {
    expect(content.permissions).toEqual({ contents: 'read' });
  });

  it('runs once at a time, and every job ends', () => {
    expect(content.concurrency).toBeDefined();
    expect(jobs.map((job) => job['timeout-minutes'])).not.toContain(undefined);
  });

  it('uses actions by commit, with the version beside it', () => {
    const uses = text.split('\n').filter((line) => /\buses:/.test(line));
    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses) expect(line).toMatch(/uses: [\w-]+\/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('puts nothing that others write into its scripts', () => {
    for (const { run = '' } of steps) expect(run).not.toContain('${{');
  });

  it('runs scripts of this repository that exist, on the Node of the project', () => {
    for (const { run = '', uses = '', with: inputs } of steps) {
      for (const [, script = ''] of run.matchAll(/npm run (?:--\S+ )*([\w:]+)/g))
        expect(scripts).toHaveProperty(script);
      if (uses.startsWith('actions/setup-node@')) expect(testedNodes).toContain(inputs?.['node-version']);
    }
  });
});

describe('all workflows', () => {
  it('use one version of an action', () => {
    const uses = workflows.flatMap(({ steps }) => steps.flatMap((step) => step.uses ?? []));
    const actions = new Set(uses.map((action) => action.split('@')[0]));
    expect(new Set(uses).size).toBe(actions.size);
  });

  it('let one job alone sign as this repository: the one that publishes', () => {
    const signing = workflows.flatMap(({ name, content }) =>
      Object.entries(content.jobs)
        .filter(([, job]) => job.permissions?.['id-token'] === 'write')
        .map(([job]) => `${name} ${job}`),
    );
    expect(signing).toEqual(['release.yml publish']);
  });
});

describe('renovate.json', () => {
  it('merges nothing by itself', () => {
    const text = readFileSync(join(root, 'renovate.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ automerge: false });
    expect(text).not.toContain('"automerge": true');
  });
});
