import { formatDuration } from '../format.ts';
import { hostClock } from '../hostClock.ts';
import { TickingElement } from './tickingElement.ts';

const calm = window.matchMedia('(prefers-reduced-motion: reduce)');

/**
 * A time that runs: since `at` (up) or until `at` (down), in the host's clock. It renders by itself when its
 * text changes, so that a second passing costs the panel around it nothing.
 */
export class LiveTime extends TickingElement {
  static override properties = {
    at: { type: Number },
    down: { type: Boolean },
  };

  declare at: number;
  declare down: boolean;

  constructor() {
    super();
    this.at = 0;
    this.down = false;
  }

  override render() {
    const ms = this.#ms();
    // Counting down, the last second must not read 0 s.
    return this.down && (calm.matches || ms >= 9_950)
      ? formatDuration(Math.ceil(ms / 1000) * 1000)
      : formatDuration(ms, this.down);
  }

  protected override nextTickMs(): number | undefined {
    const ms = this.#ms();
    if (this.down && ms <= 0) return undefined;
    const step = this.down && ms < 11_000 && !calm.matches ? 100 : 1000;
    return this.down ? ms % step || step : step - (ms % step);
  }

  #ms(): number {
    return Math.max(0, this.down ? this.at - hostClock.now() : hostClock.now() - this.at);
  }
}

customElements.define('sse-live-time', LiveTime);
