import type { Clock } from '../../base/clock.ts';
import type { PanelApi } from '../../panelApi/protocol.ts';
import { timelineOf } from '../../panelApi/timeline.ts';
import type { CaptureSource } from '../../session/captureSource.ts';
import type { TabFeed } from './eventsPanel.ts';

const leastMs = 500;

/** Tells the panel the whole timeline anew, twice a second at most, and once where nothing goes on. */
export class TimelineFeed implements TabFeed {
  readonly #source: CaptureSource;
  readonly #clock: Clock;
  readonly #tell: PanelApi['timeline'];
  #told: string | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(source: CaptureSource, clock: Clock, tell: PanelApi['timeline']) {
    this.#source = source;
    this.#clock = clock;
    this.#tell = tell;
  }

  push(): void {
    const now = this.#clock.now();
    const elapsed = this.#clock.monotonic() - this.#toldAt;
    if (elapsed < leastMs) return;
    const { capture, captureId } = this.#source;
    const timeline = timelineOf(this.#source, now);
    if (!timeline) return;
    // The axis of a connection at work grows with the seconds, also when nothing comes.
    const told = `${capture.next} ${Math.floor(timeline.to / 1_000)}`;
    if (told === this.#told) return;
    this.#told = told;
    this.#toldAt = this.#clock.monotonic();
    this.#tell({ capture: captureId, timeline });
  }

  dispose(): void {}
}
