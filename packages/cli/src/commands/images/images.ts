import type { AddCommand } from '../command.ts';
import { addBuild } from './build.ts';
import { addImageHistory } from './history.ts';
import { addList } from './list.ts';
import { addLoad } from './load.ts';
import { addMirror } from './mirror.ts';
import { addPrune } from './prune.ts';
import { addPush } from './push.ts';
import { addImageRollback } from './rollback.ts';
import { addSave } from './save.ts';
import { addScan } from './scan.ts';
import { addTag } from './tag.ts';

const commands: readonly AddCommand[] = [
  addBuild,
  addPush,
  addTag,
  addList,
  addImageHistory,
  addImageRollback,
  addScan,
  addPrune,
  addSave,
  addLoad,
  addMirror,
];

export const addImages: AddCommand = (program, choose) => {
  const images = program.command('images').description('build, send, tag, remember, judge, move and prune images');
  for (const add of commands) add(images, choose);
};
