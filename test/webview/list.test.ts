import { expect, test } from 'vitest';
import { event, type FakeHost, plainEvent } from './fakeHost.ts';
import { inView, rowShown, scrollTo, settled, shownPositions, usePanels } from './panel.ts';

const open = usePanels();

/** Rows that are in view at most. */
function fitting(host: FakeHost): Promise<number> {
  return host.page
    .locator('.scroller')
    .evaluate((scroller) => Math.ceil((scroller.clientHeight - 22) / 22) + 1);
}

test('shows the newest rows first, pulled by range', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 1000;
    },
  });
  await rowShown(host, 999);
  expect((await inView(host)).last).toBe(999);
  const row = host.page.locator('[data-position="999"]');
  expect(await row.locator('.number').textContent()).toBe('1,000');
  expect(await row.locator('.data').textContent()).toBe('{"n":999}');
  expect(await row.locator('.gap').textContent()).toBe('+40ms');
  expect(await row.locator('.time').textContent()).toMatch(/^\d\d:\d\d:\d\d\.\d{3}$/);
  expect(host.called('rows')).toEqual([{ from: 1000 - (await fitting(host)), to: 1000 }]);
});

test('tells the host that it follows and how many rows fit, and follows what is pushed without pulling', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 100;
    },
  });
  await rowShown(host, 99);
  const follow = host.called('follow').at(-1) as { following: boolean; rows: number };
  expect(follow.following).toBe(true);
  const fit = await host.page
    .locator('.scroller')
    .evaluate((scroller) => Math.ceil((scroller.clientHeight - 22) / 22));
  expect(follow.rows).toBeGreaterThanOrEqual(fit);
  const pulls = host.called('rows').length;
  for (const next of [104, 117, 700, 5000]) {
    host.next = next;
    host.push();
    await rowShown(host, next - 1);
    expect((await inView(host)).last).toBe(next - 1);
  }
  expect(host.called('rows').length).toBe(pulls);
});

test('rows that have not arrived are placeholders until they do', async () => {
  const gate = Promise.withResolvers<void>();
  const host = await open({
    prepare: (host) => {
      host.next = 50;
      host.gate = gate.promise;
    },
  });
  await host.page.locator('[data-kind=pending]').first().waitFor();
  expect(await shownPositions(host)).toEqual([]);
  gate.resolve();
  await rowShown(host, 49);
  expect(await host.page.locator('[data-kind=pending]').count()).toBe(0);
});

test('every place of 1,400,000 rows is reached, and each row stands where it belongs', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 1_400_000;
    },
  });
  await rowShown(host, 1_399_999);
  for (const share of [0, 0.3, 0.77, 0.999]) {
    const top = Math.round(share * 1_399_000) * 22;
    await scrollTo(host, top);
    await rowShown(host, top / 22 + 3);
    const { first } = await inView(host);
    // Scroll offsets are as coarse as coordinates there.
    expect(Math.abs(first - top / 22)).toBeLessThanOrEqual(1);
  }
});

test('100,000 rows scroll with a bounded DOM, and only what is in view is pulled, two at a time', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 100_000;
    },
  });
  await rowShown(host, 99_999);
  const height = await host.page.locator('.scroller').evaluate((scroller) => scroller.scrollHeight);
  const gate = Promise.withResolvers<void>();
  host.gate = gate.promise;
  const before = host.called('rows').length;
  for (let part = 1; part <= 40; part++) {
    await scrollTo(host, (height * part) / 42);
    await settled(host);
    expect(await host.page.getByTestId('row').count()).toBeLessThan(200);
  }
  expect(host.called('rows').length - before).toBeLessThanOrEqual(2);
  gate.resolve();
  const { first, last } = await inView(host);
  await rowShown(host, first);
  await rowShown(host, last);
  for (const range of host.called('rows') as { from: number; to: number }[])
    expect(range.to - range.from).toBeLessThanOrEqual(500);
  await scrollTo(host, 0);
  await rowShown(host, 0);
  expect((await inView(host)).first).toBe(0);
});

test('a jump pulls the rows in view and no others, in the frame of the scroll; then what lies around', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 1_000_000;
    },
  });
  await rowShown(host, 999_999);
  const fit = await fitting(host);
  const gate = Promise.withResolvers<void>();
  const { length: before } = host.called('rows');
  host.gate = gate.promise;
  const pending = await host.page.locator('.scroller').evaluate(async (scroller) => {
    scroller.scrollTop = 600_000 * 22;
    await new Promise((resolve) => requestAnimationFrame(resolve));
    return document.querySelectorAll('[data-kind=pending]').length;
  });
  expect(pending).toBe(fit);
  await expect.poll(() => host.called('rows').length).toBe(before + 1);
  expect(host.called('rows').at(-1)).toEqual({ from: 600_000, to: 600_000 + fit });
  gate.resolve();
  await rowShown(host, 600_000);
  await expect
    .poll(() => host.called('rows'))
    .toContainEqual({ from: 600_000 + fit, to: 600_000 + fit + 120 });
  // Where nothing is scrolled any more, rows stand ready beyond the view.
  await rowShown(host, 600_000 + fit + 5);
});

test('the wheel leaves the end: nothing moves from then on, the pill counts, and leads back', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 1000;
    },
  });
  await rowShown(host, 999);
  expect(await host.page.getByTestId('follow-pill').count()).toBe(0);
  await host.page.locator('.scroller').hover();
  await host.page.mouse.wheel(0, -300);
  const pill = host.page.getByTestId('follow-pill');
  await pill.waitFor();
  await expect.poll(() => (host.called('follow').at(-1) as { following: boolean }).following).toBe(false);
  // The wheel scrolls smoothly: it has come to rest where two looks in a row see the same.
  let before = await inView(host);
  await expect
    .poll(async () => {
      const last = before;
      before = await inView(host);
      return before.top === last.top && before.first === last.first;
    })
    .toBe(true);
  host.next += 17;
  host.push();
  await expect.poll(() => pill.textContent()).toContain('17 new');
  expect(await inView(host)).toEqual(before);
  await pill.click();
  await rowShown(host, 1016);
  expect((await inView(host)).last).toBe(1016);
  expect(await pill.count()).toBe(0);
  await expect.poll(() => (host.called('follow').at(-1) as { following: boolean }).following).toBe(true);
});

test('scrolling down to the end follows again', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 500;
    },
  });
  await rowShown(host, 499);
  await scrollTo(host, 3000);
  await host.page.getByTestId('follow-pill').waitFor();
  await scrollTo(host, 1_000_000);
  await host.page.getByTestId('follow-pill').waitFor({ state: 'detached' });
  host.next = 600;
  host.push();
  await rowShown(host, 599);
});

test('what is looked at stays in place when the host evicts above it, and its bound is stated', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 2000;
    },
  });
  await rowShown(host, 1999);
  expect(await host.page.getByTestId('evicted').count()).toBe(0);
  await scrollTo(host, 22 * 1000);
  await rowShown(host, 1000);
  const before = await inView(host);
  host.first = 900;
  host.next = 2600;
  host.push();
  await expect
    .poll(() => host.page.getByTestId('evicted').textContent())
    .toContain('first 900 evicted by the capture');
  expect(await inView(host)).toEqual(before);
  // When idle, the scroll range lets go of the evicted rows; what is in view doesn't move.
  await expect
    .poll(() => host.page.locator('.scroller').evaluate((scroller) => scroller.scrollTop))
    .toBe(22 * 100);
  expect(await inView(host)).toEqual(before);
  await scrollTo(host, 0);
  await rowShown(host, 900);
  expect((await inView(host)).first).toBe(900);
});

test('rows evicted while they are in view stay readable', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 300;
    },
  });
  await rowShown(host, 299);
  await scrollTo(host, 22 * 50);
  await rowShown(host, 55);
  const before = await inView(host);
  host.first = 250;
  host.push();
  await host.page.getByTestId('evicted').waitFor();
  await host.page.locator('[data-position="55"].evicted').waitFor();
  expect(await host.page.locator('[data-position="55"] .data').textContent()).toBe('{"n":55}');
  expect(await inView(host)).toEqual(before);
});

test('pause freezes the list while the connection goes on; resume shows what came', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 200;
    },
  });
  await rowShown(host, 199);
  const pause = host.page.getByTestId('pause');
  await pause.click();
  await expect.poll(() => pause.getAttribute('aria-pressed')).toBe('true');
  const before = await inView(host);
  host.next = 217;
  host.push();
  const pill = host.page.getByTestId('follow-pill');
  await expect.poll(() => pill.textContent()).toContain('Paused · 17 new');
  expect(await inView(host)).toEqual(before);
  await scrollTo(host, 1_000_000);
  await settled(host);
  expect((await inView(host)).last).toBe(199);
  expect(await pill.textContent()).toContain('Paused');
  await pause.click();
  await rowShown(host, 216);
  expect((await inView(host)).last).toBe(216);
});

test('a press selects the row under it and stops the list there', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 200;
    },
  });
  await rowShown(host, 190);
  const row = host.page.locator('[data-position="190"]');
  const before = await row.boundingBox();
  await row.click();
  host.next = 230;
  host.push();
  await expect.poll(() => host.page.getByTestId('follow-pill').textContent()).toContain('30 new');
  expect(await row.getAttribute('aria-selected')).toBe('true');
  expect((await row.boundingBox())?.y).toBe(before?.y);
});

test('a capture that starts over replaces the rows of the one before', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 200;
    },
  });
  await rowShown(host, 199);
  host.next = 0;
  host.snapshot = { capture: 'second' };
  host.add(event('fresh', 'first of the new capture'));
  host.push();
  await host.page.getByText('first of the new capture').waitFor();
  expect(await shownPositions(host)).toEqual([0]);
});

test('a host that fails to answer is asked again', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 20;
      host.rowOf = () => {
        throw new Error('not yet');
      };
    },
  });
  await expect.poll(() => host.problems.length).toBeGreaterThan(0);
  host.problems.length = 0;
  host.rowOf = (position) => plainEvent(position);
  await rowShown(host, 19);
  host.problems.length = 0;
});

test('a cleared list is empty at once, says so, and goes on', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 200;
    },
  });
  await rowShown(host, 199);
  await host.page.locator('[data-position="190"]').click();
  await host.page.getByRole('button', { name: 'Clear' }).click();
  await expect.poll(() => host.called('act')).toEqual([{ action: 'clear' }]);
  host.first = 200;
  host.snapshot = { cleared: 200 };
  host.push();
  await host.page.getByTestId('empty').getByText('Cleared').waitFor();
  expect(await shownPositions(host)).toEqual([]);
  expect(await host.page.getByTestId('cleared').textContent()).toBe('first 200 cleared');
  expect(await host.page.getByTestId('evicted').count()).toBe(0);
  await expect.poll(() => host.called('select').at(-1)).toEqual({});
  host.next = 205;
  host.push();
  await rowShown(host, 204);
  await expect.poll(() => shownPositions(host)).toEqual([200, 201, 202, 203, 204]);
  host.first = 203;
  host.push();
  await expect.poll(() => host.page.getByTestId('evicted').textContent()).toContain('then 3 evicted');
});

test('the Pause command pauses and resumes', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 50;
    },
  });
  await rowShown(host, 49);
  host.run('pause');
  await expect.poll(() => host.page.getByTestId('pause').getAttribute('aria-pressed')).toBe('true');
  host.run('pause');
  await expect.poll(() => host.page.getByTestId('pause').getAttribute('aria-pressed')).toBe('false');
});
