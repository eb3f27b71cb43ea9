import { describeWith } from '@maestro/services/vitest';
import { describe, it } from 'vitest';

import { migrationDatabaseContract } from '../../src/testing.ts';
import { PostgresqlScenario } from '../postgresql-scenario.ts';

describeWith('postgresqlDatabase', ['postgresql', 'pgbouncer'], (parts) => {
  const keeps = ['transaction', 'steps'] as const;

  describe('directly', () => {
    const connect = async () => {
      const scenario = await PostgresqlScenario.create(parts().postgresql.url);
      return { one: scenario.database(), other: scenario.database() };
    };
    for (const { name, run } of migrationDatabaseContract({ connect, keeps })) it(name, run);
  });

  describe('through a pooler', () => {
    const connect = async () => {
      const scenario = await PostgresqlScenario.create(parts().postgresql.url);
      const { url } = await pooler();
      return { one: scenario.database({ url }), other: scenario.database({ url }) };
    };
    for (const { name, run } of migrationDatabaseContract({ connect, keeps })) it(name, run);
  });

  let started: Promise<{ readonly url: string }> | undefined;
  const pooler = () => {
    started ??= parts().pgbouncer.start({ url: parts().postgresql.url, serverConnections: 8 });
    return started;
  };
});
