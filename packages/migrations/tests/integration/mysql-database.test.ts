import { describeWith } from '@maestro/services/vitest';
import { it } from 'vitest';

import { migrationDatabaseContract } from '../../src/testing.ts';
import { MysqlScenario } from '../mysql-scenario.ts';

describeWith('mysqlDatabase', ['mariadb'], (parts) => {
  const connect = async () => {
    const scenario = await MysqlScenario.create(parts().mariadb.url);
    return { one: scenario.database(), other: scenario.database() };
  };
  for (const { name, run } of migrationDatabaseContract({ connect, keeps: ['steps'] })) it(name, run);
});
