import { z } from 'zod';

import { isRecord } from './plan/merge.ts';
import { filePath, object, text, wanted } from './schema-parts.ts';

const dotenvSchema = object({
  source: z.literal('dotenv'),
  /** Relative to the registry file. */
  file: filePath('the path of a .env file'),
});

const region = text(/^[a-z]{2}(?:-[a-z]+)+-\d+$/, 'a region such as "eu-central-1"');

const awsSchema = object({
  source: z.literal('aws'),
  /** Of AWS Secrets Manager: the first is written to; the others have replicas, and are asked while it is out of reach. */
  regions: z.tuple([region], region, wanted('a list with at least one region')),
  /** Stands before each name; `<project>/<environment>/` by default. */
  prefix: text(/^[\w/+=.@!-]*$/, 'A-Z a-z 0-9 / _ + = . @ ! -').optional(),
  /** Where the service is, where it is not at its usual place. */
  endpoint: text(/^https?:\/\/[^\s/@]+\/?$/, 'a URL of http or https with a host and no login').optional(),
});

/** Where the secrets of an environment are kept; told apart by `source`. */
export const secretsSchema = z.discriminatedUnion('source', [dotenvSchema, awsSchema], {
  error: (issue: z.core.$ZodRawIssue) => {
    if (issue.code !== 'invalid_union') return wanted('an object with source').error(issue);
    const source = isRecord(issue.input) ? issue.input.source : undefined;
    return `${source === undefined ? 'missing, ' : ''}expected "dotenv" or "aws"`;
  },
});
