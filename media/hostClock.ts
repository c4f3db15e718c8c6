/**
 * The host's clock as the panel sees it: with Remote-SSH the two machines' clocks differ, and every time
 * the panel is sent is the host's.
 */
export class HostClock {
  #offset = 0;

  now(): number {
    return Date.now() + this.#offset;
  }

  /** Takes the host's time from a message that has just arrived. */
  set(hostNow: number): void {
    const offset = hostNow - Date.now();
    // A message is at times late by a little; following each of them would make countdowns tremble.
    if (Math.abs(offset - this.#offset) > 250) this.#offset = offset;
  }
}

/** One host, one clock: every element that counts reads this. */
export const hostClock = new HostClock();
