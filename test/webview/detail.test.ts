import { expect, test } from 'vitest';
import type { EventDetail, Row } from '../../src/panelApi/protocol.ts';
import { comment, event, type FakeHost, step } from './fakeHost.ts';
import { inView, rowShown, usePanels } from './panel.ts';

const open = usePanels();

function withData(data: string, change: Partial<EventDetail> = {}) {
  return (host: FakeHost) => {
    host.add(event('order.created', data));
    const row = host.rowAt(0) as Extract<Row, { kind: 'event' }>;
    host.details.set(0, {
      kind: 'event',
      row,
      data,
      truncated: false,
      attempt: 3,
      raw: `event: order.created\r\ndata: ${data}\r\n\r\n`,
      lineEnding: 'CRLF',
      chunkCount: 3,
      chunks: [5, 9],
      ...change,
    });
  };
}

async function openFirst(host: FakeHost) {
  await rowShown(host, 0);
  await host.page.locator('[data-position="0"]').click();
  await host.page.locator('.facts').waitFor();
  return host.page.getByTestId('detail');
}

test('JSON is shown digit by digit, key by key, as it was sent', async () => {
  const data =
    '{"total":310.00,"big":12345678901234567890,"e":1E5,"2":"b","1":"a","twice":1,"twice":2,"s":"caf\\u00e9","__proto__":null,"none":{},"items":[{"qty":2}]}';
  const host = await open({ prepare: withData(data) });
  const detail = await openFirst(host);
  const lines = await detail.locator('.json .text').allTextContents();
  expect(lines.map((line) => line.trim())).toEqual([
    '{ 11 keys',
    'total: 310.00',
    'big: 12345678901234567890',
    'e: 1E5',
    '"2": "b"',
    '"1": "a"',
    'twice: 1',
    'twice: 2',
    's: "caf\\u00e9"',
    '__proto__: null',
    'none: {}',
    'items: [ 1 item',
    '0: { 1 key',
    'qty: 2',
  ]);
});

test('the facts say when, which id, how long on the wire, and in which attempt', async () => {
  const host = await open({
    prepare: (host) => {
      host.add(event('price', '1', { id: '9124', ownId: false, gap: 1100, size: 188 }));
    },
  });
  const detail = await openFirst(host);
  const facts = await detail.locator('.facts').innerText();
  expect(facts).toMatch(/Received\s+\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}, \+1\.1s/);
  expect(facts).toMatch(/9124 \(inherited from an earlier event\)/);
  expect(facts).toMatch(/188 B in 1 chunk, LF/);
  expect(facts).toMatch(/Attempt\s+3/);
});

test('data that is no JSON has no JSON tab; the wire as text shows the block as it came', async () => {
  const host = await open({ prepare: withData('[DONE') });
  const detail = await openFirst(host);
  expect(await detail.getByRole('tab').allInnerTexts()).toEqual(['Text', 'Wire']);
  expect(await detail.getByTestId('text').textContent()).toBe('[DONE');
  await detail.getByRole('tab', { name: 'Wire' }).click();
  await detail.getByRole('button', { name: 'Text', exact: true }).click();
  expect(await detail.getByTestId('text').innerText()).toContain('event: order.created');
  expect(await detail.locator('.facts').innerText()).toContain('in 3 chunks, CRLF');
});

test('the tree works by keyboard: open, close, walk, one tab stop', async () => {
  const host = await open({ prepare: withData('{"a":{"b":[1,2]},"c":true}') });
  const detail = await openFirst(host);
  const { page } = host;
  await page.keyboard.press('Enter');
  const focused = () =>
    page.evaluate(() => document.activeElement?.querySelector('.text')?.textContent?.trim());
  expect(await focused()).toBe('{ 2 keys');
  expect(await detail.locator('[role=treeitem][tabindex="0"]').count()).toBe(1);
  await page.keyboard.press('ArrowRight');
  expect(await focused()).toBe('a: { 1 key');
  await page.keyboard.press('ArrowLeft');
  await expect.poll(focused).toBe('a: { b: [1, 2] }');
  await page.keyboard.press('ArrowDown');
  expect(await focused()).toBe('c: true');
  await page.keyboard.press('ArrowLeft');
  expect(await focused()).toBe('{ 2 keys');
  await page.keyboard.press('End');
  expect(await focused()).toBe('c: true');
  await page.keyboard.press('Escape');
  expect(await detail.count()).toBe(0);
  expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('grid');
});

test('a long array comes by hundreds, a long string when asked for', async () => {
  const long = 'x'.repeat(5000);
  const host = await open({ prepare: withData(JSON.stringify([long, ...Array(349).keys()])) });
  const detail = await openFirst(host);
  const items = detail.getByRole('treeitem');
  await expect.poll(() => items.count()).toBe(1 + 100 + 1);
  await detail.getByText('show 100 more of 250').click();
  await expect.poll(() => items.count()).toBe(1 + 200 + 1);
  expect(((await items.nth(1).textContent()) ?? '').length).toBeLessThan(1000);
  await detail.getByText('show all 5,002 characters').click();
  await expect.poll(async () => (await items.nth(1).textContent())?.includes(long)).toBe(true);
});

test('data over a megabyte is parsed when asked for', async () => {
  const host = await open({ prepare: withData(`{"pad":"${'y'.repeat(1_100_000)}","last":1.50}`) });
  const detail = await openFirst(host);
  expect(await detail.getByTestId('json').count()).toBe(0);
  await detail.getByRole('button', { name: /Parse 1 MB as JSON/ }).click();
  await detail.getByText('1.50', { exact: true }).waitFor();
});

test('copies the data exactly', async () => {
  const data = '{"a": 1.0,\n "b": "\u0007\u202e"}';
  const host = await open({ prepare: withData(data) });
  const detail = await openFirst(host);
  await detail.getByTestId('copy').click();
  await expect.poll(() => host.called('copy')).toEqual([{ text: data }]);
  await expect.poll(() => detail.getByTestId('copy').getAttribute('aria-label')).toBe('Copied');
});

test('a step shows its facts and the body of a failed answer as text', async () => {
  const host = await open({
    prepare: (host) => {
      host.add(step('error', 'error', '503 Service Unavailable', { aside: 'EventSource: would stop here' }));
      const row = host.rowAt(0) as Extract<Row, { kind: 'step' }>;
      host.details.set(0, {
        kind: 'step',
        row,
        facts: [
          { label: 'Status', value: '503 Service Unavailable' },
          { label: 'Authorization', value: 'Bearer ey…' },
        ],
        body: '<h1>down</h1>',
      });
    },
  });
  const detail = await openFirst(host);
  expect(await detail.locator('.facts').innerText()).toContain('Bearer ey…');
  expect(await detail.getByTestId('text').textContent()).toBe('<h1>down</h1>');
  expect(await detail.locator('h1').count()).toBe(0);
});

test('walking quickly asks for where it stopped, not for each row', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 100;
    },
  });
  await rowShown(host, 99);
  await host.page.locator('[data-position="74"]').click();
  await host.page.locator('.facts').waitFor();
  await host.page.evaluate(() => {
    for (let press = 0; press < 21; press++)
      document.activeElement?.dispatchEvent(
        new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true, cancelable: true }),
      );
  });
  await host.page.getByTestId('detail').getByText('#96', { exact: true }).waitFor();
  expect(host.called('detail').length).toBeLessThanOrEqual(3);
  expect(host.called('detail').at(-1)).toEqual({ position: 95 });
});

test('a row that was evicted meanwhile says so', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 50;
    },
  });
  await rowShown(host, 30);
  host.first = 40;
  await host.page.locator('[data-position="30"]').click();
  await host.page.getByTestId('detail').getByText("evicted by the capture's bound").waitFor();
});

test('reveal selects a row far away, brings it into view and opens it', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 5000;
    },
  });
  await rowShown(host, 4999);
  host.reveal(1234);
  await rowShown(host, 1234);
  await host.page.getByTestId('detail').getByText('#1,235', { exact: true }).waitFor();
  const { first, last } = await inView(host);
  expect(first).toBeLessThan(1234);
  expect(last).toBeGreaterThan(1234);
});

test('comments open too', async () => {
  const host = await open({
    prepare: (host) => {
      host.add(comment('keep-alive'));
    },
  });
  const detail = await openFirst(host);
  expect(await detail.getByTestId('text').textContent()).toBe('keep-alive');
});

test('the split is moved by keyboard and by dragging, and kept with the connection', async () => {
  const host = await open({ prepare: withData('{"a":1}') });
  const detail = await openFirst(host);
  const width = async () => (await detail.boundingBox())?.width ?? 0;
  const before = await width();
  await host.page.getByRole('separator', { name: 'Size of the detail' }).focus();
  await host.page.keyboard.press('ArrowLeft');
  await expect.poll(width).toBeGreaterThan(before);
  const bar = await host.page.getByRole('separator', { name: 'Size of the detail' }).boundingBox();
  await host.page.mouse.move(bar?.x ?? 0, 300);
  await host.page.mouse.down();
  await host.page.mouse.move(500, 300, { steps: 4 });
  await host.page.mouse.up();
  await expect.poll(async () => Math.round(await width())).toBeGreaterThan(670);
  await expect
    .poll(() => host.saved.at(-1))
    .toMatchObject({ connection: 'orders', detailOpen: true, beside: expect.closeTo(57.6, 0) });
});

test('comes back as it was left', async () => {
  const host = await open({
    saved: {
      connection: 'orders',
      detailOpen: true,
      beside: 60,
      below: 30,
      tab: 'wire',
      wireForm: 'text',
      wrap: false,
    },
    prepare: withData('{"a":1}'),
  });
  const detail = host.page.getByTestId('detail');
  expect((await detail.boundingBox())?.width).toBeCloseTo(1180 * 0.6, -1);
  await openFirst(host);
  expect(await detail.getByRole('tab', { selected: true }).innerText()).toBe('Wire');
  expect(await detail.locator('pre.wrap').count()).toBe(0);
});

test('the selection comes back after the panel was hidden; a position that is gone is left alone', async () => {
  const prepare = (host: FakeHost) => {
    host.first = 100;
    host.next = 5000;
  };
  const host = await open({ prepare });
  await rowShown(host, 4990);
  await host.page.locator('[data-position="4980"]').click();
  await host.page.getByTestId('detail').getByText('#4,981', { exact: true }).waitFor();
  const saved = host.saved.at(-1);
  expect(saved).toMatchObject({ connection: 'orders', selected: 4980, following: false });
  const back = await open({
    saved,
    prepare: (host) => {
      prepare(host);
      host.next = 9000;
    },
  });
  await back.page.getByTestId('detail').getByText('#4,981', { exact: true }).waitFor();
  await back.page.locator('[data-position="4980"][aria-selected=true]').waitFor();
  const evicted = await open({
    saved,
    prepare: (host) => {
      host.first = 6000;
      host.next = 9000;
    },
  });
  await rowShown(evicted, 8999);
  expect(await evicted.page.locator('[aria-selected=true][data-position]').count()).toBe(0);
  // After a reload of the window the capture is a new one: its position 4,980 is another row.
  const reloaded = await open({
    saved,
    prepare: (host) => {
      prepare(host);
      host.snapshot = { capture: 'second' };
    },
  });
  await rowShown(reloaded, 4999);
  expect(await reloaded.page.locator('[aria-selected=true][data-position]').count()).toBe(0);
});

test('reveal reaches rows that a paused list has not come to', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 50;
    },
  });
  await rowShown(host, 49);
  await host.page.getByTestId('pause').click();
  host.next = 500;
  host.push();
  await expect.poll(() => host.page.getByTestId('follow-pill').textContent()).toContain('450 new');
  host.reveal(300);
  await host.page.getByTestId('detail').getByText('#301', { exact: true }).waitFor();
  await host.page.locator('[data-position="300"][aria-selected=true]').waitFor();
});

test('in a narrow panel the detail is below the list, and the selected row stays in view', async () => {
  const host = await open({
    width: 480,
    height: 640,
    prepare: (host) => {
      host.next = 200;
    },
  });
  await rowShown(host, 199);
  await host.page.locator('[data-position="198"]').click();
  await host.page.locator('.facts').waitFor();
  const [list, detail] = await Promise.all([
    host.page.locator('.scroller').boundingBox(),
    host.page.getByTestId('detail').boundingBox(),
  ]);
  expect(detail?.y).toBeGreaterThanOrEqual((list?.y ?? 0) + (list?.height ?? 0));
  expect(detail?.width).toBe(480);
  // Not behind the pill either, which floats over the last rows.
  const bottom = async (box: Promise<{ y: number; height: number } | null>) => {
    const found = await box;
    return (found?.y ?? 0) + (found?.height ?? 0);
  };
  const pill = await host.page.getByTestId('follow-pill').boundingBox();
  await expect
    .poll(() => bottom(host.page.locator('[data-position="198"]').boundingBox()))
    .toBeLessThanOrEqual(pill?.y ?? 0);
  expect((await inView(host)).first).toBeLessThan(198);
});
