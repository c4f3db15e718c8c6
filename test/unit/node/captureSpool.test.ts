import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Redactor } from '../../../src/base/redaction.ts';
import { Capture } from '../../../src/capture/capture.ts';
import { CaptureSpools, type Spooled } from '../../../src/node/captureSpool.ts';
import { FakeClock } from '../../support/fakeClock.ts';

const utf8 = new TextEncoder();
const limits = { records: 10_000_000, bytes: 1024 * 1024 * 1024 };

describe('CaptureSpools', () => {
  let folder: string;
  let clock: FakeClock;
  let redactor: Redactor;
  let errors: unknown[];

  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'sse-debugger-spool-')), 'captures');
    clock = new FakeClock();
    redactor = new Redactor();
    errors = [];
  });

  afterEach(() => {
    rmSync(join(folder, '..'), { recursive: true, force: true });
    expect(errors).toEqual([]);
  });

  function spools(): CaptureSpools {
    return new CaptureSpools(folder, {
      clock,
      source: ({ name }) => ({
        info: { connection: name, method: 'GET', url: 'https://example.com/', hasTimes: true },
        exportedAt: clock.now(),
        creator: { name: 'test', version: '0' },
        redactor,
      }),
      onError: (error) => errors.push(error),
    });
  }

  function capturing(name = 'orders', captureId = 'abc'): Spooled {
    const settings = { method: 'GET', url: 'https://example.com/' };
    return { name, captureId, capture: new Capture(limits), settings, hasTimes: true };
  }

  function receive({ capture }: Spooled, text: string): void {
    capture.addEvent(clock.now(), 1, 'message', undefined, utf8.encode(`data: ${text}\n\n`));
  }

  /** The flush goes on in turns of its own. */
  async function flushed(): Promise<void> {
    clock.advance(1_000);
    await setImmediate();
    await setImmediate();
  }

  async function restored(
    name = 'orders',
  ): Promise<{ texts: string[]; id: string | undefined; capture: Capture }> {
    const capture = new Capture(limits);
    const id = await spools().restore(name, capture);
    const texts: string[] = [];
    for (let position = capture.first; position < capture.next; position++) {
      const record = capture.at(position);
      if (record?.kind === 'event') texts.push(new TextDecoder().decode(record.block).slice(6, -2));
    }
    return { texts, id, capture };
  }

  it('gives a later window what an earlier one captured, up to its last moment', async () => {
    const spooled = capturing();
    const window = spools();
    window.follow(spooled);
    receive(spooled, 'one');
    await flushed();
    receive(spooled, 'two');
    window.dispose();
    expect(await restored()).toMatchObject({ texts: ['one', 'two'], id: 'abc' });
    expect((await restored('other')).id).toBeUndefined();
  });

  it('keeps nothing of what the user cleared', async () => {
    const spooled = capturing();
    const window = spools();
    window.follow(spooled);
    receive(spooled, 'one');
    await flushed();
    spooled.capture.clear();
    clock.advance(1_000);
    await setImmediate();
    expect(readdirSync(folder)).toEqual([]);
    receive(spooled, 'two');
    window.dispose();
    expect(await restored()).toMatchObject({ texts: ['two'], id: 'abc' });
  });

  it('keeps nothing of it either where the window goes at once', async () => {
    const spooled = capturing();
    const window = spools();
    window.follow(spooled);
    receive(spooled, 'one');
    await flushed();
    spooled.capture.clear();
    window.dispose();
    expect((await restored()).id).toBeUndefined();
  });

  it('has no credential in what it writes, with everything else at its place', async () => {
    redactor.add('s3cret-token');
    const spooled = capturing();
    const window = spools();
    window.follow(spooled);
    receive(spooled, '{"token":"s3cret-token","n":1}');
    window.dispose();
    const written = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
    expect(written.join()).not.toContain('s3cret-token');
    expect((await restored()).texts).toEqual(['{"token":"************","n":1}']);
  });

  it('keeps the newest where a capture is larger than its files may be', async () => {
    const spooled = capturing();
    const window = spools();
    window.follow(spooled);
    const text = 'x'.repeat(500_000);
    for (let i = 0; i < 160; i++) receive(spooled, `${i} ${text}`);
    window.dispose();
    const sizes = readdirSync(folder).map((file) => statSync(join(folder, file)).size);
    expect(sizes).toHaveLength(2);
    for (const size of sizes) expect(size).toBeLessThanOrEqual(32 * 1024 * 1024);
    const { texts, capture } = await restored();
    expect(texts.at(-1)).toMatch(/^159 /);
    // Positions and numbers are those that they had.
    const first = capture.at(capture.first);
    expect(first).toMatchObject({ kind: 'event', number: capture.first + 1 });
    expect(texts[0]).toMatch(new RegExp(`^${capture.first} `));
    expect(capture.next).toBe(160);
  });

  it('gives what stands before the break where a file was cut off', async () => {
    const spooled = capturing();
    const window = spools();
    window.follow(spooled);
    for (const text of ['one', 'two', 'three']) receive(spooled, text);
    window.dispose();
    const [file = ''] = readdirSync(folder);
    const path = join(folder, file);
    truncateSync(path, statSync(path).size - 10);
    expect((await restored()).texts).toEqual(['one', 'two']);
  });

  it('goes on behind what was restored, in the window after that, too', async () => {
    const earlier = capturing();
    const first = spools();
    first.follow(earlier);
    receive(earlier, 'one');
    first.dispose();

    const later = capturing();
    const second = spools();
    await second.restore('orders', later.capture);
    second.follow(later);
    receive(later, 'two');
    second.dispose();
    expect((await restored()).texts).toEqual(['one', 'two']);
  });

  it('removes what is old, and everything when it is told to', async () => {
    for (const name of ['old', 'new']) {
      const spooled = capturing(name);
      const window = spools();
      window.follow(spooled);
      receive(spooled, name);
      window.dispose();
      if (name === 'old') {
        const [file = ''] = readdirSync(folder);
        utimesSync(join(folder, file), 0, 0);
      }
    }
    const window = spools();
    await window.tidy(Date.now());
    expect((await restored('old')).id).toBeUndefined();
    expect((await restored('new')).texts).toEqual(['new']);
    window.clear();
    expect((await restored('new')).id).toBeUndefined();
  });
});
