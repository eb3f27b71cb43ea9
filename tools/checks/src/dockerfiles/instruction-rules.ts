import type { Instruction, Stage } from './read-dockerfile.ts';
import type { Rule } from './rule.ts';

const archive = /\.(?:tar|gz|tgz|bz2?|tbz2?|tb2|tz2|xz|txz|lz|lzma|tlz|zst|tzst|Z|tZ)$/;
const sensitive = /api_?key|client_key|access_key|password|private|secret|token|username/i;

/** Rules about instructions and stages. */
export const instructionRules: readonly Rule[] = [
  each('DL3002', 'the last USER should not be root', (stage) => {
    const last = all(stage, 'USER').at(-1);
    return last !== undefined && /^(?:root|0)(?::|$)/.test(last.text) ? [last] : [];
  }),
  images('DL3006', 'name the version of the image, by a tag or a digest', (image) => !/[:@][^/]*$/.test(image)),
  images('DL3007', 'a tag that moves is no version: name one instead of latest', (image) => image.endsWith(':latest')),
  once('DL3012', 'HEALTHCHECK'),
  each('DL3020', 'COPY files and folders: ADD is for archives and addresses', (stage) =>
    all(stage, 'ADD').filter(
      (add) => !sources(add).every((source) => archive.test(source) || /^https?:\/\//.test(source)),
    ),
  ),
  each('DL3021', 'where COPY has several sources its target ends with /', (stage) =>
    all(stage, 'COPY').filter((copy) => sources(copy).length > 1 && !target(copy).endsWith('/')),
  ),
  {
    code: 'DL3022',
    message: 'COPY --from names a stage before it, or an image with its tag',
    check: ({ stages }) =>
      stages.flatMap((stage, index) =>
        all(stage, 'COPY')
          .filter(({ flags }) => {
            const from = flags.find(({ name }) => name === 'from')?.value ?? ':';
            const isStage = stages
              .slice(0, index)
              .some(({ name }, at) => name === from.toLowerCase() || String(at) === from);
            return !from.includes(':') && !isStage;
          })
          .map(({ line }) => line),
      ),
  },
  {
    code: 'DL3024',
    message: 'names of stages must differ',
    check: ({ stages }) =>
      stages
        .filter(({ name }, index) => name !== undefined && stages.slice(0, index).some((other) => other.name === name))
        .map(({ line }) => line),
  },
  each('DL3025', 'write commands as JSON, so that no shell stands between the engine and the program', (stage) => {
    const commands = [...all(stage, 'CMD'), ...all(stage, 'ENTRYPOINT')].filter(({ json }) => json === undefined);
    const checks = all(stage, 'HEALTHCHECK').filter(({ text }) => /^CMD\s+[^[]/i.test(text));
    return [...commands, ...checks];
  }),
  each('DL3045', 'COPY to a relative path needs a WORKDIR before it', (stage, stages) => {
    const inherited = parents(stage, stages).some((parent) => all(parent, 'WORKDIR').length > 0);
    const start = stage.instructions.findIndex(({ keyword }) => keyword === 'WORKDIR');
    const before = stage.instructions.slice(0, start === -1 ? undefined : start);
    const copies = before.filter((instruction) => instruction.keyword === 'COPY');
    return inherited ? [] : copies.filter((copy) => !/^(?:\/|\$|[A-Za-z]:)/.test(target(copy)));
  }),
  {
    code: 'DL3057',
    message: 'the image has no HEALTHCHECK',
    check: ({ stages }) => {
      const last = stages.at(-1);
      if (last === undefined) return [];
      const checked = [last, ...parents(last, stages)].some((stage) => all(stage, 'HEALTHCHECK').length > 0);
      return checked ? [] : [last.line];
    },
  },
  each('DL3064', 'what is secret must not be in ARG or ENV: it stays in the image', (stage) =>
    [...all(stage, 'ARG'), ...all(stage, 'ENV')].filter(({ words }) =>
      // ENV takes `NAME value` as well, so the first word is a name in any case.
      words.some((word, index) => (index === 0 || word.includes('=')) && sensitive.test(word.split('=')[0] ?? '')),
    ),
  ),
  each('DL3066', 'name the user by number: the host of a container does not know its names', (stage) =>
    all(stage, 'USER').filter(({ text }) => !/^(?:\d+(?::|$)|\$)/.test(text)),
  ),
  once('DL4003', 'CMD'),
  once('DL4004', 'ENTRYPOINT'),
];

function each(
  code: string,
  message: string,
  broken: (stage: Stage, stages: readonly Stage[]) => readonly Instruction[],
): Rule {
  return {
    code,
    message,
    check: ({ stages }) => stages.flatMap((stage) => broken(stage, stages)).map(({ line }) => line),
  };
}

/** Of what a Dockerfile starts from, apart from its own stages; a variable without a default may hold anything. */
function images(code: string, message: string, broken: (image: string) => boolean): Rule {
  return {
    code,
    message,
    check: ({ stages }) =>
      stages
        .filter(({ image }, index) => {
          const isOwn = image === 'scratch' || stages.slice(0, index).some(({ name }) => name === image.toLowerCase());
          return !isOwn && !image.startsWith('$') && broken(image);
        })
        .map(({ line }) => line),
  };
}

function once(code: string, keyword: string): Rule {
  return each(code, `only the last ${keyword} of a stage counts`, (stage) => all(stage, keyword).slice(1));
}

function all({ instructions }: Stage, keyword: string): readonly Instruction[] {
  return instructions.filter((instruction) => instruction.keyword === keyword);
}

/** The stages that a stage starts from. */
function parents(stage: Stage, stages: readonly Stage[]): readonly Stage[] {
  const before = stages.slice(0, stages.indexOf(stage));
  const parent = before.findLast(({ name }) => name === stage.image.toLowerCase());
  return parent === undefined ? [] : [parent, ...parents(parent, before)];
}

function sources({ json, words }: Instruction): readonly string[] {
  return (json ?? words).slice(0, -1);
}

function target({ json, words }: Instruction): string {
  return (json ?? words).at(-1) ?? '';
}
