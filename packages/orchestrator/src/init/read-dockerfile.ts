import { z } from 'zod';

/** What a Dockerfile says about the program in its image. */
export interface DockerfileFacts {
  /** Entry point and command together; null where there is neither. */
  readonly command: readonly string[] | null;
  readonly port: number | null;
}

const words = z.array(z.string());

/** Reads the last stage alone: it is the image. What cannot be read is left out, as a build says what is wrong. */
export function readDockerfile(text: string): DockerfileFacts {
  const joined = text.replaceAll(/\\\r?\n\s*/g, ' ');
  const instructions = joined.split(/\r?\n/).flatMap((line) => {
    const [, name, rest] = /^\s*([A-Za-z]+)\s+(.*?)\s*$/.exec(line) ?? [];
    return name === undefined || rest === undefined ? [] : [{ name: name.toUpperCase(), rest }];
  });
  const stage = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM') + 1);
  const last = (wanted: string) => stage.findLast(({ name }) => name === wanted)?.rest;
  const entrypoint = programOf(last('ENTRYPOINT')) ?? [];
  const command = [...entrypoint, ...(programOf(last('CMD')) ?? [])];
  const variables = stage.flatMap(({ name, rest }) => (name === 'ENV' ? [rest] : [])).join(' ');
  const exposed = /^\d+/.exec(last('EXPOSE') ?? '')?.[0];
  return {
    command: command.length === 0 ? null : command,
    port: portOf(exposed ?? /(?:^|\s)PORT[= ]"?(\d+)/.exec(variables)?.[1]),
  };
}

/** A list as it stands, and a text as the shell reads it. */
function programOf(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  if (!text.startsWith('[')) return ['sh', '-c', text];
  try {
    return words.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function portOf(text: string | undefined): number | null {
  const port = Number(text);
  return Number.isInteger(port) && port > 0 && port <= 65_535 ? port : null;
}
