import { expect, test } from 'vitest';
import type { Row } from '../../src/panelApi/protocol.ts';
import { comment, event, step } from './fakeHost.ts';
import { rowShown, usePanels } from './panel.ts';

const open = usePanels();
const markup =
  '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script><b>x</b>';

test('markup from a server is text everywhere', async () => {
  const host = await open({
    prepare: (host) => {
      host.snapshot = { url: `https://example.com/${markup}`, lastEventId: markup };
      host.state = { kind: 'waiting', since: Date.now(), cause: markup };
      host.add(
        event(markup, markup, { id: markup }),
        comment(markup),
        step('error', 'error', markup, { aside: markup }),
      );
    },
  });
  await rowShown(host, 2);
  expect(await host.page.locator('[data-position="0"] .data').textContent()).toBe(markup);
  for (const position of [0, 1, 2]) {
    await host.page.locator(`[data-position="${position}"]`).click();
    await host.page.getByTestId('detail').locator('.facts').waitFor();
  }
  expect(await host.page.locator('sse-panel :is(img, script, b:not(.url b))').count()).toBe(0);
  expect(await host.page.title()).toBe('orders');
});

test('an icon name that is none breaks nothing', async () => {
  const host = await open({
    prepare: (host) => {
      host.add(step('info', '"><img src=x>', 'odd'));
    },
  });
  await rowShown(host, 0);
  expect(await host.page.locator('sse-panel img').count()).toBe(0);
});

test('control characters, overrides and lone surrogates are made visible and stay in their cell', async () => {
  const text = 'a\u0000b\u001b[31m\u202edcba\u2066 \ud800 \u05e9\u05dc\u05d5\u05dd \u{1f468}\u200d\u{1f469}';
  const host = await open({
    prepare: (host) => {
      host.add(
        event('\u202eepyt', text, { id: '\u0000' }),
        event('\u05e9\u05dc\u05d5\u05dd', 'plain', { id: '7' }),
      );
    },
  });
  await rowShown(host, 1);
  expect(await host.page.locator('[data-position="0"] .data').textContent()).toBe(
    'a\u2400b\u241b[31m[U+202E]dcba[U+2066] [U+D800] \u05e9\u05dc\u05d5\u05dd \u{1f468}\u200d\u{1f469}',
  );
  const starts = await host.page
    .locator('[data-kind=event]')
    .evaluateAll((rows) =>
      rows.map((row) => [...row.children].map((cell) => Math.round(cell.getBoundingClientRect().left))),
    );
  expect(starts[0]).toEqual(starts[1]);
  expect(starts[0]).toEqual([...(starts[0] ?? [])].sort((a, b) => a - b));
});

test('a line of a megabyte shows its beginning at once and the rest when asked for', async () => {
  const data = 'z'.repeat(1_048_576);
  const host = await open({
    prepare: (host) => {
      host.add(event('big', data));
      const row = host.rowAt(0) as Extract<Row, { kind: 'event' }>;
      host.details.set(0, {
        kind: 'event',
        row,
        data,
        truncated: false,
        attempt: 1,
        raw: `data: ${data}\n\n`,
        lineEnding: 'LF',
        chunkCount: 1,
        chunks: [],
      });
    },
  });
  await rowShown(host, 0);
  await host.page.locator('[data-position="0"]').click();
  const text = host.page.getByTestId('text');
  await text.waitFor();
  expect((await text.textContent())?.length).toBe(200_000);
  const box = await host.page.getByTestId('detail').boundingBox();
  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(1180);
  await host.page.getByRole('button', { name: 'Show all 1,048,576 characters' }).click();
  await expect.poll(async () => (await text.textContent())?.length, { timeout: 20_000 }).toBe(1_048_576);
});

test('JSON nested deeper than any call stack opens', async () => {
  const data = '['.repeat(60_000) + ']'.repeat(60_000);
  const host = await open({
    prepare: (host) => {
      host.add(event('deep', data));
      const row = host.rowAt(0) as Extract<Row, { kind: 'event' }>;
      host.details.set(0, {
        kind: 'event',
        row,
        data,
        truncated: false,
        attempt: 1,
        raw: '',
        lineEnding: 'LF',
        chunkCount: 1,
        chunks: [],
      });
    },
  });
  await rowShown(host, 0);
  await host.page.locator('[data-position="0"]').click();
  await host.page.getByTestId('json').waitFor();
  expect(await host.page.getByRole('treeitem').count()).toBeLessThan(200);
});

test('a message of an unknown form does no harm', async () => {
  const host = await open({
    prepare: (host) => {
      host.next = 10;
    },
  });
  await rowShown(host, 9);
  await host.page.evaluate(() => window.postMessage({ kind: 'notify', method: 'constructor' }, '*'));
  await host.page.evaluate(() => window.postMessage('nonsense', '*'));
  host.next = 11;
  host.push();
  await rowShown(host, 10);
  host.problems.length = 0;
});
