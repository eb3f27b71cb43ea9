import pc from 'picocolors';

import { noon } from './sample-data.ts';

/** The style of a pipe at noon. */
export const plainStyle = { colors: pc.createColors(false), now: noon };
