import { expect, test } from 'vitest';
import { comment, event, type FakeHost, plainEvent, step } from './fakeHost.ts';
import { eventfulLife } from './lives.ts';
import { rowShown, settled, usePanels } from './panel.ts';
import { withRequests } from './requests.ts';
import { answer } from './textStreams.ts';

// A panel of 800 x 600 px at a zoom of 200 %.

const open = usePanels();
const zoomed = { width: 400, height: 300, context: { deviceScaleFactor: 2 } };

/**
 * What the keyboard can get to and the eye can not: controls that stay covered, or outside the window, once they are
 * scrolled to; and text that runs out of its box to the side.
 */
async function outOfReach(host: FakeHost, within = 'body'): Promise<string[]> {
  await settled(host);
  return host.page.evaluate((within) => {
    const found: string[] = [];
    const name = (element: Element) =>
      `${element.tagName} ${element.getAttribute('aria-label') ?? element.textContent?.trim().slice(0, 40)}`;
    if (document.documentElement.scrollWidth > innerWidth) found.push('The page is wider than the window.');
    const scrolling = [
      document.body,
      ...document.querySelectorAll('sse-panel, main, .scroll, .body, .empty'),
    ];
    for (const element of scrolling)
      if (element.scrollWidth > element.clientWidth) found.push(`${name(element)} is too wide.`);
    const scope = document.querySelector(within);
    // A splitter is a line, of which more can be grabbed than is seen.
    const controls = ':is(button, input, select, [tabindex="0"]):not([role=separator])';
    for (const control of scope?.querySelectorAll<HTMLElement>(controls) ?? []) {
      if (!control.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      control.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      const { left, right, top, bottom, width, height } = control.getBoundingClientRect();
      if (width === 0 || height === 0) found.push(`${name(control)} has no size.`);
      // Of what scrolls by itself a part is enough.
      const isPane = height > innerHeight / 2 || control.scrollHeight > control.clientHeight + 1;
      if (!isPane && (top < 0 || bottom > innerHeight + 0.5)) found.push(`${name(control)} is cut off.`);
      if (left < 0 || right > innerWidth + 0.5) found.push(`${name(control)} is cut off at a side.`);
      if (height < 16) found.push(`${name(control)} is only ${Math.round(height)} px high.`);
      const y = (Math.max(0, top) + Math.min(innerHeight, bottom)) / 2;
      const there = document.elementFromPoint((left + right) / 2, y);
      // An empty pane has its page before it.
      const isThere =
        there && (control.contains(there) || there.contains(control) || there.closest('.empty'));
      if (!isThere) found.push(`${name(control)} is covered by ${there ? name(there) : 'nothing'}.`);
    }
    return found;
  }, within);
}

function everything(host: FakeHost): void {
  host.next = 30;
  host.rowOf = (position) =>
    plainEvent(position, { type: `order.type.${position % 7}`, preview: '{"a":{"b":1}}' });
  host.counts = {
    types: Array.from({ length: 7 }, (_, i) => ({ type: `order.type.${i}`, count: 1_000 })),
    comments: 4,
    steps: 9,
  };
  host.snapshot = { tokenExpiresAt: Date.now() + 100_000 };
  host.blocks.set(30, Buffer.from('event: x\r\ndata: {"a":"b"}\r\n\r\n'));
  host.add(event('order.created', '{"a":{"b":"c"}}'), comment('keep-alive'), step('error', 'error', '503'));
}

const show = (saved: object, prepare = everything) => open({ ...zoomed, saved, prepare });

test('the list: rows are in view, the filter and its menu are in reach', async () => {
  const host = await show({});
  await rowShown(host, 32);
  expect(await outOfReach(host)).toEqual([]);
  const list = await host.page.getByRole('grid').boundingBox();
  expect(list?.height).toBeGreaterThan(22 * 5);
  await host.page.getByRole('button', { name: /types/i }).first().click();
  await host.page.getByRole('menu').waitFor();
  expect(await outOfReach(host, '[role=menu]')).toEqual([]);
});

test.each(['json', 'text', 'wire'])(
  'an event and its %s: list, data and facts have room each',
  async (tab) => {
    const host = await show({ tab });
    await rowShown(host, 30);
    await host.page.locator('[data-position="30"]').click();
    await host.page.getByTestId('detail').getByText('Last event id').waitFor();
    expect(await outOfReach(host)).toEqual([]);
    const heights = await host.page.evaluate(() =>
      ['.scroller', '.detail .body', '.detail > .facts'].map(
        (selector) => document.querySelector(selector)?.clientHeight ?? 0,
      ),
    );
    for (const height of heights) expect(height).toBeGreaterThan(40);
    const boxes = await Promise.all(
      ['.detail .body', '.detail > .facts', '.status'].map((part) => host.page.locator(part).boundingBox()),
    );
    for (const [at, box] of boxes.slice(1).entries())
      expect(box?.y).toBeGreaterThanOrEqual((boxes[at]?.y ?? 0) + (boxes[at]?.height ?? 0) - 0.5);
  },
);

test('a step, a failure with its reason, and what leads out of it', async () => {
  const host = await show({}, (host) => {
    everything(host);
    const reason = 'The token expired 3 s before the request, and its source gave no other one.';
    host.state = { kind: 'closed', since: Date.now(), tone: 'error', reason, action: 'setToken' };
  });
  await rowShown(host, 32);
  expect(await outOfReach(host)).toEqual([]);
  const cause = host.page.locator('.cause');
  expect(await cause.evaluate((element) => element.scrollHeight - element.clientHeight)).toBeLessThanOrEqual(
    1,
  );
  await host.page.locator('[data-position="32"]').click();
  await host.page.getByTestId('detail').getByText('Attempt').waitFor();
  expect(await outOfReach(host)).toEqual([]);
});

test('Timeline, Text and Request', async () => {
  const life = eventfulLife();
  const timeline = await show({ panelTab: 'timeline' }, (host) => {
    host.next = life.capture.next;
    host.timeline = life.view();
  });
  await timeline.page.locator('sse-timeline-chart svg').waitFor();
  // Marks stand where their time is, close together or not.
  expect((await outOfReach(timeline)).filter((what) => !/covered by/.test(what))).toEqual([]);
  const text = await show({ panelTab: 'text' }, (host) => host.add(comment('x')));
  await text.page.getByTestId('empty').waitFor();
  expect(await outOfReach(text)).toEqual([]);
  text.textOpen();
  text.say(...answer);
  await text.page.getByTestId('message').first().waitFor();
  expect(await outOfReach(text)).toEqual([]);
  const request = await open({ ...withRequests, ...zoomed });
  await request.page.getByTestId('exchange').getByText('200 OK').first().waitFor();
  expect(await outOfReach(request)).toEqual([]);
});

test.each(['events', 'timeline', 'text', 'request'])('nothing yet, and Connect: %s', async (panelTab) => {
  const host = await show({ panelTab }, (host) => {
    host.state = { kind: 'idle' };
    host.attempts = [];
  });
  await host.page.getByTestId('empty').waitFor();
  expect(await outOfReach(host)).toEqual([]);
});
