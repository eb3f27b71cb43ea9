import type { Clock } from '@maestro/core';
import { createLogUpdate } from 'log-update';

import { emptyView, follow, renderLiveView } from '../render/live-view.ts';
import type { Colors, OutputStream } from '../terminal.ts';
import type { Progress } from './progress.ts';

const redrawIntervalMs = 250;

export interface LiveProgressOptions {
  readonly stderr: OutputStream;
  readonly colors: Colors;
  readonly clock: Clock;
}

/** The steps of a release, redrawn in place as they begin, take their time and end. */
export function liveProgress({ stderr, colors, clock }: LiveProgressOptions): Progress {
  // A hidden cursor would stay hidden when the process is killed.
  const screen = createLogUpdate(stderr, { showCursor: true });
  const closed = new AbortController();
  let view = emptyView;

  const frame = () => renderLiveView(view, { colors, nowMs: clock.monotonic() });
  const redraw = () => {
    if (view !== emptyView) screen(frame());
  };
  // Ends with the rejected sleep when the progress is closed.
  keepRedrawing(redraw, clock, closed.signal).catch(() => undefined);

  return {
    onEvent: (event) => {
      view = follow(view, event, clock.monotonic());
      redraw();
    },
    notice: (text) => {
      view = { ...view, notice: text };
      redraw();
    },
    close: () => {
      closed.abort();
      // Persisting writes the whole view: the redrawn one is cut to the height of the terminal.
      if (view !== emptyView) screen.persist(frame());
    },
  };
}

/** Keeps the time of running steps moving between events. */
async function keepRedrawing(redraw: () => void, clock: Clock, signal: AbortSignal): Promise<never> {
  for (;;) {
    await clock.sleep(redrawIntervalMs, signal);
    redraw();
  }
}
