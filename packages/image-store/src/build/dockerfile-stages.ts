import { Copy, type Dockerfile, DockerfileParser, From, type Instruction, Run } from 'dockerfile-ast';

import { dockerfileInvalid, type Place } from './dockerfile-error.ts';
import { expandWord, UnresolvedVariable, type Variables } from './dockerfile-words.ts';

/** Where a Dockerfile names an image or a stage. */
export interface Use {
  readonly reference: string;
  /** Undefined for the one where the builder runs. */
  readonly platform: string | undefined;
  /** The name's place in the text, from its first character to behind its last one. */
  readonly start: number;
  readonly end: number;
}

/** From a FROM to the next one. */
export interface Stage {
  readonly name: string | undefined;
  readonly from: Use;
  /** What COPY --from and RUN --mount=from= name. */
  readonly copies: readonly Use[];
}

export interface DockerfileOptions {
  readonly text: string;
  /** Where the text is from, for errors. */
  readonly file: string;
  readonly args: Readonly<Record<string, string>>;
  /** What is built for: `linux/amd64`. */
  readonly platform: string;
}

/**
 * Reads the stages of a Dockerfile, variables replaced. Throws `IMAGE_STORE_DOCKERFILE_INVALID` for one without FROM or
 * with a variable that has no value.
 */
export function readStages(options: DockerfileOptions): readonly Stage[] {
  const { text, file, platform } = options;
  const dockerfile = DockerfileParser.parse(text);
  const offsets = lineOffsets(text);
  const variables = globalVariables(dockerfile, options);
  const stages: (Stage & { readonly copies: Use[] })[] = [];
  for (const instruction of dockerfile.getInstructions()) {
    const place = { file, line: lineOf(instruction) };
    if (instruction instanceof From) {
      stages.push(readStage(instruction, { place, dockerfile, variables, offsets, platform }));
    } else if (instruction instanceof Copy || instruction instanceof Run) {
      stages.at(-1)?.copies.push(...copiesOf(instruction, { place, offsets, platform }));
    }
  }
  if (stages.length > 0) return stages;
  throw dockerfileInvalid({ file }, 'expected a FROM instruction', { hint: `write one: FROM <image>` });
}

interface FromContext {
  readonly place: Place;
  readonly dockerfile: Dockerfile;
  readonly variables: Variables;
  readonly offsets: readonly number[];
  readonly platform: string;
}

function readStage(from: From, context: FromContext): Stage & { readonly copies: Use[] } {
  const { place, offsets } = context;
  const range = from.getImageRange();
  const reference = expandIn(from.getImage() ?? '', context);
  if (range === null || reference === '') {
    throw dockerfileInvalid(place, 'expected FROM to name an image', { hint: 'write FROM <image>' });
  }
  return {
    name: from.getBuildStage()?.toLowerCase(),
    from: {
      reference,
      platform: platformOf(from, context),
      start: offsetOf(range.start, offsets),
      end: offsetOf(range.end, offsets),
    },
    copies: [],
  };
}

/** The platform where the builder runs is the builder's to know. */
function platformOf(from: From, context: FromContext): string | undefined {
  const written = from.getPlatformFlag()?.getValue() ?? '';
  if (written === '') return context.platform;
  if (/^\$(?:BUILDPLATFORM|\{BUILDPLATFORM\})$/.test(written)) return undefined;
  return expandIn(written, context);
}

function expandIn(word: string, { place, dockerfile, variables }: FromContext): string {
  try {
    return expandWord(word, { escape: dockerfile.getEscapeCharacter(), variables });
  } catch (error) {
    if (!(error instanceof UnresolvedVariable)) throw error;
    throw dockerfileInvalid(place, `expected a value for each variable of ${word}: ${error.message}`, {
      hint: `write ARG ${error.variable}=<value> before the first FROM, or give the build argument ${error.variable}`,
    });
  }
}

/** What ARG instructions before the first FROM declare, with what is known of the platform that is built for. */
function globalVariables(dockerfile: Dockerfile, { args, platform }: DockerfileOptions): Variables {
  const [os = '', architecture = '', variant = ''] = platform.split('/');
  const values = new Map<string, string>([
    ['TARGETPLATFORM', platform],
    ['TARGETOS', os],
    ['TARGETARCH', architecture],
    ['TARGETVARIANT', variant],
  ]);
  const escape = dockerfile.getEscapeCharacter();
  // A default may name variables without a value; they are empty there.
  const variables = (name: string) => values.get(name) ?? '';
  for (const property of dockerfile.getInitialARGs().flatMap((arg) => arg.getProperties())) {
    const name = property.getName();
    const written = property.getUnescapedValue();
    if (Object.hasOwn(args, name)) values.set(name, args[name] ?? '');
    else if (written !== null) values.set(name, expandWord(written, { escape, variables }));
  }
  return (name) => values.get(name);
}

function copiesOf(
  instruction: Copy | Run,
  { place, offsets, platform }: Pick<FromContext, 'place' | 'offsets' | 'platform'>,
): readonly Use[] {
  const wanted = instruction instanceof Copy ? 'from' : 'mount';
  return instruction.getFlags().flatMap((flag) => {
    const range = flag.getValueRange();
    if (range === null || flag.getName() !== wanted) return [];
    const start = offsetOf(range.start, offsets);
    const value = flag.getValue() ?? '';
    const named = wanted === 'from' ? { reference: value, at: 0 } : fromOfMount(value);
    if (named === undefined || named.reference === '') return [];
    const { reference, at } = named;
    if (reference.includes('$')) {
      throw dockerfileInvalid(place, `expected the name of an image or stage, not the variable ${reference}`, {
        hint: `name a stage before it: FROM ${reference} AS <name>`,
      });
    }
    return [{ reference, platform, start: start + at, end: start + at + reference.length }];
  });
}

/** `type=bind,from=<image>,target=/x` */
function fromOfMount(value: string): { readonly reference: string; readonly at: number } | undefined {
  const match = /(?<=^|,)from=([^,]*)/.exec(value);
  return match === null ? undefined : { reference: match[1] ?? '', at: match.index + 'from='.length };
}

function lineOf(instruction: Instruction): number {
  return instruction.getRange().start.line + 1;
}

function lineOffsets(text: string): readonly number[] {
  return [0, ...Array.from(text.matchAll(/\r\n|\r|\n/g), ({ index, 0: end }) => index + end.length)];
}

function offsetOf(position: { readonly line: number; readonly character: number }, offsets: readonly number[]): number {
  return (offsets[position.line] ?? 0) + position.character;
}
