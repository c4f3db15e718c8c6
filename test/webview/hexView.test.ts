import { expect, test } from 'vitest';
import type { Row } from '../../src/panelApi/protocol.ts';
import { event, type FakeHost } from './fakeHost.ts';
import { rowShown, usePanels } from './panel.ts';

const open = usePanels();

/** One event with this block, its wire bytes in view. */
async function openWire(
  block: Buffer,
  options: { chunks?: number[]; chunkCount?: number; width?: number } = {},
) {
  const { chunks = [], chunkCount = chunks.length + 1, width = 1180 } = options;
  const host = await open({
    width,
    saved: { tab: 'wire', beside: 70 },
    prepare: (host) => {
      host.add(event('x', 'data'));
      const row = { ...(host.rowAt(0) as Extract<Row, { kind: 'event' }>), size: block.length };
      host.blocks.set(0, block);
      host.details.set(0, {
        kind: 'event',
        row,
        data: 'data',
        truncated: false,
        attempt: 1,
        raw: '',
        lineEnding: 'mixed',
        chunkCount,
        chunks,
      });
    },
  });
  await rowShown(host, 0);
  await host.page.locator('[data-position="0"]').click();
  await host.page.locator('.hex .glyphs').first().waitFor();
  return host;
}

/** Offset, bytes and text of each line, their runs apart. */
const lines = (host: FakeHost) =>
  host.page.locator('.hex .line').evaluateAll((all) =>
    all.map((line) =>
      [...line.children].map((part) => {
        const runs = [...part.children].map(({ textContent }) => textContent);
        return runs.length === 0 ? part.textContent : runs.join('|');
      }),
    ),
  );
const marked = (host: FakeHost, selector: string) =>
  host.page
    .locator(`.hex .glyphs ${selector}`)
    .evaluateAll((runs) => runs.map((run) => [run.textContent, run.getAttribute('title')]));

test('bytes stand beside what they say, names apart from values, line ends and chunks marked', async () => {
  const host = await openWire(Buffer.from('id: 7\r\ndata: é\t:\n\r\r'), { chunks: [7, 12] });
  expect(await lines(host)).toEqual([
    ['0000', '69 64 3a|20 37|0d 0a|64 61 74 61 3a|20 c3 a9 09', 'id:| 7|←↓|data:| ··→'],
    ['0010', '3a|0a 0d 0d', ':|↓←←'],
  ]);
  expect(await marked(host, '.end')).toEqual([
    ['←↓', 'CRLF'],
    ['↓←←', 'LF CR CR'],
  ]);
  expect((await marked(host, '.name')).map(([text]) => text)).toEqual(['id:', 'data:']);
  expect(await marked(host, '.chunk')).toEqual([
    ['data:', 'Chunk 2 begins here'],
    [' ··→', 'Chunk 3 begins here'],
  ]);
});

test('a block of 16 MiB is pulled as it is looked at, to its last byte', async () => {
  const block = Buffer.alloc(16 * 1024 * 1024, 'x');
  block.write('data: ');
  block.write('end\n\n', block.length - 5);
  const host = await openWire(block);
  await host.page.getByTestId('hex').evaluate((scroller) => {
    scroller.scrollTop = scroller.scrollHeight / 2;
  });
  await host.page
    .locator('.hex .line', { hasText: /^\s*(7f|80)/ })
    .first()
    .waitFor();
  await host.page.getByTestId('hex').focus();
  await host.page.keyboard.press('End');
  await host.page.locator('.hex .line', { hasText: 'fffff0' }).waitFor();
  await expect.poll(async () => (await lines(host)).at(-1)?.[2]).toBe('xxxxxxxxxxxend|↓↓');
  const shown = await host.page.locator('.hex .line').last().boundingBox();
  const box = await host.page.getByTestId('hex').boundingBox();
  expect((shown?.y ?? 0) + (shown?.height ?? 0)).toBeLessThanOrEqual((box?.y ?? 0) + (box?.height ?? 0));
  expect(await host.page.locator('.hex .line').count()).toBeLessThan(100);
  const pulled = host.called('wire') as { from: number; to: number }[];
  expect(pulled.length).toBeLessThan(20);
  for (const { from, to } of pulled) expect(to - from).toBeLessThanOrEqual(65_536);
});

test('where there is little room a row has 8 bytes', async () => {
  const host = await openWire(Buffer.from('data: 12\ndata: 34\n\n'), { width: 400 });
  expect((await lines(host)).map(([offset]) => offset)).toEqual(['0000', '0008', '0010']);
  const { scrollWidth, clientWidth } = await host.page
    .getByTestId('hex')
    .evaluate(({ scrollWidth, clientWidth }) => ({ scrollWidth, clientWidth }));
  expect(scrollWidth).toBeLessThanOrEqual(clientWidth);
});

test('chunks beyond those that are kept are counted', async () => {
  const host = await openWire(Buffer.from('data: 1\n\n'), { chunks: [3], chunkCount: 1_500 });
  await host.page.getByText('1,498 more chunks are not marked.').waitFor();
});
