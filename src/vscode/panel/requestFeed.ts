import type { Clock } from '../../base/clock.ts';
import { attemptsOf, openAttempt } from '../../panelApi/attempts.ts';
import type { PanelApi } from '../../panelApi/protocol.ts';
import type { CaptureSource } from '../../session/captureSource.ts';
import type { TabFeed } from './eventsPanel.ts';

/** How often the counts of an open stream are told, in milliseconds. */
const countsMs = 1_000;

/** Tells the panel the list of attempts where one made a step, and in between how much the open one received. */
export class RequestFeed implements TabFeed {
  readonly #source: CaptureSource;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #tell: PanelApi['attempts'];
  #list = '';
  #open = '';
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(source: CaptureSource, clock: Pick<Clock, 'monotonic'>, tell: PanelApi['attempts']) {
    this.#source = source;
    this.#clock = clock;
    this.#tell = tell;
  }

  push(): void {
    const { capture, captureId, attempts, state } = this.#source;
    const list = `${captureId} ${capture.attempts.version} ${attempts} ${state.kind}`;
    const open = openAttempt(this.#source);
    const counts = open ? `${open.events} ${open.bytes}` : '';
    const now = this.#clock.monotonic();
    if (list !== this.#list) {
      this.#list = list;
      this.#tell(attemptsOf(this.#source));
    } else if (open && counts !== this.#open && now - this.#toldAt >= countsMs) {
      this.#tell({ capture: captureId, rows: [open], whole: false, older: capture.attempts.older });
    } else return;
    this.#open = counts;
    this.#toldAt = now;
  }

  dispose(): void {}
}
