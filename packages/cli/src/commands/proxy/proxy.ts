import type { AddCommand } from '../command.ts';
import { addProxyShow } from './show.ts';

export const addProxy: AddCommand = (program, choose) => {
  const proxy = program.command('proxy').description('what sends requests to the services');
  addProxyShow(proxy, choose);
};
