import { z } from 'zod';

import { object, text, variableName, wanted } from './schema-parts.ts';

const user = text(/\S/, 'the name of a user');

/** How the login that services reach a database with is rotated; nothing secret stands here, only names of secrets. */
export const rotationSchema = object({
  /** The one that is rotated: a JSON object with `username` and `password`, and whatever else is in it stays. */
  secret: variableName,
  /** Who changes the passwords, a JSON object of the same form; whoever migrates by default. */
  adminSecret: variableName.optional(),
  /** `alternating-users`: the old login stays valid until the next rotation; `single-user`: it ends at once. */
  strategy: z
    .enum(['alternating-users', 'single-user'], wanted('"alternating-users" or "single-user"'))
    .default('alternating-users'),
  /** The two that take turns; by default the one of the secret and the same name with `_clone` behind it. */
  users: z.tuple([user, user], wanted('a list of two users')).optional(),
  /** A statement that the service must be allowed to run; it is tested with the new login. */
  probe: text(/\S/, 'a statement such as "SELECT 1 FROM orders LIMIT 1"').optional(),
  /** MySQL only: from where the users may log in, the part of their names behind the `@`; `%` by default. */
  accountHost: text(/\S/, 'a host as it stands behind the @ of a user').optional(),
});

export type Rotation = z.output<typeof rotationSchema>;
