import { expect, test } from 'vitest';
import { violations } from './axe.ts';
import type { FakeHost, OpenOptions } from './fakeHost.ts';
import { eventfulLife, Life } from './lives.ts';
import { inView, rowShown, usePanels } from './panel.ts';
import { type ThemeName, themeNames } from './themes.ts';

const open = usePanels();

async function shown(life: Life, options: OpenOptions = {}): Promise<FakeHost> {
  const host = await open({
    saved: { panelTab: 'timeline' },
    ...options,
    prepare: (host) => {
      host.next = life.capture.next;
      host.timeline = life.view();
      options.prepare?.(host);
    },
  });
  await chart(host).waitFor();
  return host;
}

const chart = (host: FakeHost) => host.page.locator('sse-timeline-chart svg');
const marks = (host: FakeHost) => host.page.getByRole('toolbar', { name: 'Steps of the connection' });
const selected = (host: FakeHost) =>
  host.page.locator('[role=row][aria-selected=true]').getAttribute('data-position');

test('the axis has a mark for each step, and a click on it shows the record', async () => {
  const life = eventfulLife();
  const host = await shown(life);
  const all = marks(host).getByRole('button');
  expect(await all.count()).toBe(life.view().marks.length);
  const answer = life.view().marks.find(({ text }) => text.startsWith('503'));
  await marks(host)
    .getByRole('button', { name: /503 Service Unavailable/ })
    .first()
    .click();
  await rowShown(host, answer?.position ?? -1);
  expect(await selected(host)).toBe(String(answer?.position));
  expect(await host.page.getByRole('grid').evaluate((grid) => grid === document.activeElement)).toBe(true);
  expect(host.called('look').at(-1)).toEqual({ tab: 'events' });
});

test('marks are walked with the arrow keys, one at a time is in the tab order, Enter shows the record', async () => {
  const life = eventfulLife();
  const host = await shown(life);
  expect(await marks(host).locator('[tabindex="0"]').count()).toBe(1);
  const focused = () =>
    host.page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset.position);
  const positions = life.view().marks.map(({ position }) => String(position));
  await marks(host).locator('[tabindex="0"]').focus();
  await host.page.keyboard.press('Home');
  expect(await focused()).toBe(positions[0]);
  await host.page.keyboard.press('ArrowLeft');
  expect(await focused()).toBe(positions[0]);
  await host.page.keyboard.press('ArrowRight');
  expect(await focused()).toBe(positions[1]);
  await expect.poll(() => host.page.getByTestId('timeline-tip').innerText()).toContain('Connection lost');
  await host.page.keyboard.press('End');
  expect(await focused()).toBe(positions.at(-1));
  // What arrives meanwhile takes the focus from nobody.
  const summary = () => host.page.getByTestId('timeline-summary').innerText();
  const before = await summary();
  host.timeline = life.stream(75, 10).view();
  host.pushTimeline();
  await expect.poll(summary).not.toBe(before);
  expect(await focused()).toBe(positions.at(-1));
  await host.page.keyboard.press('Enter');
  await expect.poll(() => selected(host)).toBe(positions.at(-1));
});

test('a click between marks asks the host for the record of that time', async () => {
  const life = new Life().open().stream(100, 5);
  const host = await shown(life, {
    prepare: (host) => {
      host.found = 250;
    },
  });
  const box = await chart(host).boundingBox();
  const middle = { x: Math.round(46 + ((box?.width ?? 0) - 60) / 2), y: 100 };
  await chart(host).click({ position: middle });
  await rowShown(host, 250);
  expect(await selected(host)).toBe('250');
  const [target] = host.called('locate') as [{ to: string; time: number }];
  const { from, to } = life.view();
  expect(target.to).toBe('time');
  expect(Math.abs(target.time - (from + to) / 2)).toBeLessThan(1_000);
});

test('a mark whose record was evicted stays, says so, and leads nowhere', async () => {
  const life = eventfulLife();
  const host = await shown(life, {
    prepare: (host) => {
      host.first = 5_000;
    },
  });
  const gone = marks(host).getByRole('button', { name: /no longer in the capture/ });
  expect(await gone.count()).toBeGreaterThan(0);
  await gone.first().click();
  expect(await chart(host).isVisible()).toBe(true);
  expect(await host.page.getByText('evicted', { exact: true }).count()).toBeGreaterThan(0);
});

test('silences and waits are listed with their cause, and lead to their records', async () => {
  const life = eventfulLife();
  const host = await shown(life);
  const waits = host.page.getByRole('table', { name: /Longest waits/ });
  expect(await waits.locator('tbody tr').first().innerText()).toMatch(/15 s.*back-off/s);
  expect(await waits.innerText()).toContain('Retry-After: 15');
  const silences = host.page.getByRole('table', { name: /Longest silences/ });
  expect(await silences.innerText()).toMatch(/40 s[\s\S]*open, but silent/);
  expect(await silences.innerText()).not.toContain('200 ms');
  const [silence] = life.view().silences;
  await silences.getByRole('button').first().click();
  await expect.poll(() => selected(host)).toBe(String(silence?.position));
});

test('the histogram has a bar for each length there was, and the lengths between', async () => {
  const host = await shown(new Life().open().stream(10, 2).silent(3).stream(10, 2));
  const rows = await host.page.getByTestId('gaps').locator('tbody tr').allInnerTexts();
  const counts = new Map(rows.map((row) => row.replace(/\s+/g, ' ').split(/ (?=\d+$)/) as [string, string]));
  expect(counts.get('≤ 2 s')).toBe('0');
  expect(counts.get('≤ 5 s')).toBe('1');
  expect([...counts.keys()].at(-1)).toBe('≤ 5 s');
  expect([...counts.values()].reduce((sum, count) => sum + Number(count), 0)).toBe(host.next - 2);
});

test('what the stream says is text', async () => {
  const life = new Life().open().step({
    step: 'closed',
    reason: { kind: 'request', message: '<img src=x onerror=alert(1)>\u202egnp' },
  });
  const host = await shown(life);
  const label = await marks(host).getByRole('button').last().getAttribute('aria-label');
  expect(label).toContain('<img src=x');
  expect(label).toContain('[U+202E]');
  expect(await host.page.locator('img').count()).toBe(0);
});

test('before anything has happened it says what to do', async () => {
  const host = await open({
    saved: { panelTab: 'timeline' },
    prepare: (host) => {
      host.state = { kind: 'idle' };
    },
  });
  await host.page.getByTestId('empty').getByRole('button', { name: 'Connect' }).click();
  await expect.poll(() => host.called('act')).toEqual([{ action: 'connect' }]);
});

test('the list is where it was when its tab is turned to again', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 1_000;
      host.timeline = new Life().open().stream(100, 10).view();
    },
  });
  await rowShown(host, 999);
  await host.page.locator('.scroller').evaluate((scroller) => {
    scroller.scrollTop = 400 * 22;
  });
  await rowShown(host, 405);
  const before = await inView(host);
  await host.page.getByRole('tab', { name: 'Timeline' }).click();
  await chart(host).waitFor();
  await host.page.getByRole('tab', { name: 'Events' }).click();
  await rowShown(host, 405);
  expect((await inView(host)).first).toBe(before.first);
});

const looks = themeNames.flatMap((theme) => [1180, 400].map((width) => [theme, width] as const));

test.each(looks)('axe finds nothing wrong: %s, %i px', async (theme: ThemeName, width: number) => {
  const host = await shown(eventfulLife(), {
    theme,
    width,
    prepare: (host) => {
      host.first = 300;
    },
  });
  await marks(host).locator('[tabindex="0"]').focus();
  expect(await violations(host)).toEqual([]);
  const overflow = await host.page
    .locator('#panel-body')
    .evaluate((body) => body.scrollWidth - body.clientWidth);
  expect(overflow).toBe(0);
});
