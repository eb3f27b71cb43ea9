import type { IncomingMessage } from 'node:http';

import { HttpError } from './http-error.ts';

export interface TemplateInput {
  readonly name: string;
  readonly body: string;
}

const limitBytes = 65_536;
const longestName = 200;

export async function readTemplateInput(request: IncomingMessage): Promise<TemplateInput> {
  return checkTemplate(parse(await readBody(request)));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  // Leaving the loop must not destroy the request, or the answer could not be sent.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limitBytes) throw new HttpError(413, 'TOO_LARGE', `the body must be at most ${limitBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpError(400, 'INVALID_JSON', 'the body must be JSON');
  }
}

/** Fields it does not know are ignored: a client may already speak to the next version. */
function checkTemplate(value: unknown): TemplateInput {
  if (typeof value !== 'object' || value === null) throw invalid('the body must be an object');
  const { name, body } = value as Record<string, unknown>;
  if (typeof name !== 'string' || name.trim() === '' || name.length > longestName) {
    throw invalid(`name must be a string of 1 to ${longestName} characters`);
  }
  if (typeof body !== 'string') throw invalid('body must be a string');
  return { name, body };
}

function invalid(message: string): HttpError {
  return new HttpError(400, 'INVALID_TEMPLATE', message);
}
