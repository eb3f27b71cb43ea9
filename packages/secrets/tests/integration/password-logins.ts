import pg from 'pg';

/** So that two suites which change the server's rules at once do so one after the other. */
const rulesLock = 7_302_118;

/**
 * Has the server ask members of a role for their password, where it trusts everybody else. The rule is for the role and
 * for the suite's database only, and goes with both.
 */
export async function askForPasswords(url: string, role: string): Promise<AsyncDisposable> {
  const rule = `host ${new URL(url).pathname.slice(1)} +${role} all scram-sha-256`;
  await changeRules(url, (rules) => `${rule}\n${rules}`);
  return {
    [Symbol.asyncDispose]: () => changeRules(url, (rules) => rules.replace(`${rule}\n`, '')),
  };
}

async function changeRules(url: string, change: (rules: string) => string): Promise<void> {
  const client = new pg.Client({ connectionString: Object.assign(new URL(url), { pathname: '/postgres' }).href });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [rulesLock]);
    const { rows } = await client.query<{ rules: string }>("SELECT pg_read_file(current_setting('hba_file')) AS rules");
    const changed = Buffer.from(change(rows[0]?.rules ?? ''));
    // What a statement makes it does not see itself; and what is rolled back leaves nothing.
    await client.query('BEGIN');
    const made = await client.query<{ oid: number }>('SELECT lo_from_bytea(0, $1) AS oid', [changed]);
    await client.query("SELECT lo_export($1, current_setting('hba_file'))", [made.rows[0]?.oid]);
    await client.query('ROLLBACK');
    await client.query('SELECT pg_reload_conf()');
  } finally {
    await client.end();
  }
}
