import { describe, expect, it } from 'vitest';

import { problemsOf } from './check-dockerfiles.ts';
import { instructionRules } from './instruction-rules.ts';
import { shellRules } from './shell-rules.ts';

interface Examples {
  /** Each breaks this rule, in its last line. */
  readonly broken: readonly string[];
  readonly kept: readonly string[];
}

const list = 'rm -rf /var/lib/apt/lists/*';
const options = '-y --no-install-recommends';

const examples: Readonly<Record<string, Examples>> = {
  DL3002: {
    broken: ['FROM a:1\nUSER 5\nUSER root', 'FROM a:1\nUSER 0:0'],
    kept: ['FROM a:1\nUSER root\nRUN x\nUSER 5', 'FROM a:1\nUSER 01', 'FROM a:1'],
  },
  DL3006: {
    broken: ['FROM node', 'FROM registry:5000/node', 'ARG BASE=node\nFROM ${BASE}', 'FROM b AS b'],
    kept: [
      'FROM node:24',
      'FROM node@sha256:aa',
      'FROM scratch',
      'FROM a:1 AS Build\nFROM build',
      'ARG B\nFROM $B',
      'ARG TAG=24\nFROM node:${TAG}',
    ],
  },
  DL3007: {
    broken: ['FROM node:latest', 'ARG TAG=latest\nFROM node:$TAG'],
    kept: ['FROM node:24-latest', 'FROM node:latest@sha256:aa'],
  },
  DL3008: {
    broken: [
      `FROM a:1\nRUN apt-get install ${options} curl`,
      `FROM a:1\nRUN apt-get install ${options} curl=1 git`,
      `FROM a:1\nRUN set -e; if true; then apt-get -y install x; fi`,
    ],
    kept: [
      `FROM a:1\nRUN apt-get install ${options} -t stable curl=1 git/stable ./x.deb`,
      'FROM a:1\nRUN echo apt-get install curl',
      'FROM a:1\nRUN apt-get update',
    ],
  },
  DL3009: {
    broken: ['FROM a:1\nRUN apt-get update && true', `FROM a:1 AS x\nFROM x\nRUN ${list}\nRUN apt-get update`],
    kept: [
      `FROM a:1\nRUN apt-get update && ${list}`,
      'FROM a:1 AS x\nRUN apt-get update\nFROM b:1',
      'FROM a:1\nRUN --mount=type=cache,target=/var/lib/apt apt-get update',
    ],
  },
  DL3012: {
    broken: ['FROM a:1\nHEALTHCHECK NONE\nHEALTHCHECK CMD ["x"]'],
    kept: ['FROM a:1 AS x\nHEALTHCHECK NONE\nFROM x\nHEALTHCHECK CMD ["x"]'],
  },
  DL3015: {
    broken: ['FROM a:1\nRUN apt-get install -y x=1', 'FROM a:1\nRUN ["apt-get", "install", "x=1"]'],
    kept: [
      `FROM a:1\nRUN apt-get install ${options} x=1`,
      'FROM a:1\nRUN apt-get install -o APT::Install-Recommends=false x=1',
    ],
  },
  DL3020: {
    broken: ['FROM a:1\nADD src /app/', 'FROM a:1\nADD a.tar.gz b.txt /'],
    kept: ['FROM a:1\nADD a.tar.gz b.tgz /', 'FROM a:1\nADD https://example.com/x /x', 'FROM a:1\nCOPY src /app/'],
  },
  DL3021: {
    broken: ['FROM a:1\nCOPY a b /app', 'FROM a:1\nCOPY ["a", "b", "/app"]'],
    kept: ['FROM a:1\nCOPY a b /app/', 'FROM a:1\nCOPY a /app', 'FROM a:1\nCOPY --chown=1:1 a /app'],
  },
  DL3022: {
    broken: [
      'FROM a:1\nCOPY --from=build /x /y',
      'FROM a:1 AS x\nCOPY --from=x /x /y',
      'FROM a:1\nCOPY --from=0 /x /y',
    ],
    kept: ['FROM a:1 AS Build\nFROM b:1\nCOPY --from=build /x /y\nCOPY --from=0 /x /y\nCOPY --from=c:1 /x /y'],
  },
  DL3024: { broken: ['FROM a:1 AS x\nFROM b:1 AS X'], kept: ['FROM a:1 AS x\nFROM b:1 AS y\nFROM c:1\nFROM d:1'] },
  DL3025: {
    broken: [
      'FROM a:1\nCMD node x',
      'FROM a:1\nENTRYPOINT x',
      'FROM a:1\nHEALTHCHECK --timeout=1s CMD curl x',
      "FROM a:1\nCMD ['node']",
    ],
    kept: [
      'FROM a:1\nCMD ["node"]\nENTRYPOINT [ "x" ]\nHEALTHCHECK --timeout=1s CMD ["x"]',
      'FROM a:1\nHEALTHCHECK NONE',
    ],
  },
  DL3027: {
    broken: ['FROM a:1\nRUN true && apt list', 'FROM a:1\nRUN x=$(apt list)'],
    kept: ['FROM a:1\nRUN apt-cache search apt'],
  },
  DL3042: {
    broken: [
      'FROM a:1\nRUN pip install x',
      'FROM a:1\nRUN python3 -m pip install x',
      'FROM a:1\nENV PIP_NO_CACHE_DIR=0\nRUN pip3 install x',
    ],
    kept: [
      'FROM a:1\nRUN pip install --no-cache-dir x',
      'FROM a:1\nENV PIP_NO_CACHE_DIR=1\nRUN pip install x',
      'FROM a:1\nRUN --mount=type=cache,target=/root/.cache/pip pip install x',
      'FROM a:1\nRUN pip list && pipenv install',
    ],
  },
  DL3045: {
    broken: ['FROM a:1\nCOPY a b', 'FROM a:1 AS x\nWORKDIR /x\nFROM b:1\nCOPY a b'],
    kept: ['FROM a:1\nCOPY a /b\nWORKDIR /x\nCOPY a b', 'FROM a:1 AS x\nWORKDIR /x\nFROM x\nCOPY a b'],
  },
  DL3057: {
    broken: ['FROM a:1 AS x\nHEALTHCHECK NONE\nFROM b:1'],
    kept: ['FROM a:1\nHEALTHCHECK NONE', 'FROM a:1 AS x\nHEALTHCHECK NONE\nFROM x'],
  },
  DL3064: {
    broken: ['FROM a:1\nARG NPM_TOKEN', 'FROM a:1\nENV A=1 DB_PASSWORD=x', 'FROM a:1\nENV API_KEY x'],
    kept: ['FROM a:1\nARG VERSION=token', 'FROM a:1\nENV A=secret B="a"', 'FROM a:1\nLABEL token=x'],
  },
  DL3066: {
    broken: ['FROM a:1\nUSER node', 'FROM a:1\nUSER 5a:5'],
    kept: ['FROM a:1\nUSER 10001:10001', 'FROM a:1\nUSER 5', 'FROM a:1\nARG U\nUSER $U'],
  },
  DL4003: { broken: ['FROM a:1\nCMD ["a"]\nCMD ["b"]'], kept: ['FROM a:1 AS x\nCMD ["a"]\nFROM x\nCMD ["b"]'] },
  DL4004: { broken: ['FROM a:1\nENTRYPOINT ["a"]\nENTRYPOINT ["b"]'], kept: ['FROM a:1\nENTRYPOINT ["a"]\nCMD ["b"]'] },
  DL4006: {
    broken: [
      'FROM a:1\nRUN a | b',
      'FROM a:1\nRUN x=$(a | b)',
      'FROM a:1\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nFROM b:1\nRUN a | b',
    ],
    kept: [
      'FROM a:1\nRUN a || b',
      'FROM a:1\nRUN echo \'a | b\' "c | d" e\\|f # g | h',
      'FROM a:1\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN a | b',
    ],
  },
};

const codes = [...instructionRules, ...shellRules].map(({ code }) => code);

it('has examples of each rule', () => {
  expect(Object.keys(examples).sort()).toEqual(codes.toSorted());
});

describe.each(Object.entries(examples))('%s', (code, { broken, kept }) => {
  const linesOf = (text: string) =>
    problemsOf(text)
      .filter((problem) => problem.startsWith(code))
      .map((problem) => Number(/\d+(?=:)/.exec(problem)?.[0]));

  it.each(broken)('is broken by %j', (text) => {
    expect(linesOf(text)).toEqual([text.split('\n').length]);
  });

  it.each(kept)('is kept by %j', (text) => {
    expect(linesOf(text)).toEqual([]);
  });
});
