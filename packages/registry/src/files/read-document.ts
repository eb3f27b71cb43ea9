import { readFile } from 'node:fs/promises';

import { unreadable } from '../errors.ts';
import { jsonMistake, keysIn, keysWritten } from './json-syntax.ts';
import { type ParsedYaml, parseYaml, type ParseYamlOptions } from './parse-yaml.ts';
import { quickYaml } from './quick-yaml.ts';
import type { Source, TextOf } from './source.ts';

/** Reads a YAML file. Throws `REGISTRY_UNREADABLE` at the first thing that is not YAML. */
export async function readYaml(file: string, textOf: TextOf = textOnDisk): Promise<Source> {
  const text = await readText(file, textOf);
  const options = { file, text, language: 'YAML' } as const;
  const quick = quickYaml(text);
  return quick === undefined ? parseYaml(options) : { ...quick, locate: locateIn(options) };
}

/** Reads a JSON file. Throws `REGISTRY_UNREADABLE` at the first thing that is not JSON. */
export async function readJson(file: string, textOf: TextOf = textOnDisk): Promise<Source> {
  const text = await readText(file, textOf);
  const position = jsonMistake(text);
  if (position !== undefined) {
    throw unreadable({ file, reason: 'not JSON from here on', hint: `correct the syntax of ${file}`, position });
  }
  // JSON is YAML too, and YAML's parser knows where everything is and which keys are there twice; but it takes its time.
  const options = { file, text, language: 'JSON' } as const;
  const value: unknown = JSON.parse(text);
  return keysIn(value) === keysWritten(text) ? { value, locate: locateIn(options) } : parseYaml(options);
}

/** Places are asked for only where something is wrong, and then for all that is. */
function locateIn(options: ParseYamlOptions): Source['locate'] {
  let parsed: ParsedYaml | undefined;
  return (path) => (parsed ??= parseYaml(options)).locate(path);
}

async function readText(file: string, textOf: TextOf): Promise<string> {
  const text = await textOf(file);
  if (text !== undefined) return text;
  throw unreadable({ file, reason: 'there is no such file', hint: `ls -l ${file}` });
}

async function textOnDisk(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw unreadable({ file, reason: 'the file cannot be read', hint: `ls -l ${file}`, cause });
  }
}
