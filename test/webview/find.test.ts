import { expect, test } from 'vitest';
import type { EventDetail, Filter, Term } from '../../src/panelApi/protocol.ts';
import { violations } from './axe.ts';
import { comment, detailOf, event, type FakeHost, type OpenOptions, step } from './fakeHost.ts';
import { rowShown, shownPositions, usePanels } from './panel.ts';
import { type ThemeName, themeNames } from './themes.ts';

const open = usePanels();

const noFilter: Filter = { terms: [], types: { names: [], shown: false }, hiddenKinds: [] };

/** A host that finds text in the preview, and takes types and kinds at their word. */
function filtering(host: FakeHost): void {
  host.filtered = ({ terms, types, hiddenKinds }) => {
    if (terms.some(({ mode, text }) => mode === 'regex' && text === '(')) {
      return { term: terms.length - 1, message: 'Unterminated group' };
    }
    const all = Array.from({ length: host.next }, (_, position) => position);
    host.matches = all.filter((position) => {
      const row = host.rowAt(position);
      const whole = (row.kind === 'event' ? row.preview : row.text).toLowerCase();
      const has = ({ text }: Term) => whole.includes(text.toLowerCase());
      if (row.kind !== 'event') return !hiddenKinds.includes(row.kind) && terms.every(has);
      return types.names.includes(row.type) === types.shown && terms.every(has);
    });
    const hides = types.names.length > 0 || hiddenKinds.length > 0 || terms.some(({ text }) => text !== '');
    host.list = { id: host.list.id + 1, isFiltered: types.shown || hides };
    queueMicrotask(() => host.push());
    return null;
  };
}

/** A host that finds these, whatever it is asked for. */
function finding(host: FakeHost, ...positions: number[]): void {
  host.filtered = () => {
    host.list = { id: host.list.id + 1, isFiltered: true };
    host.matches = positions;
    queueMicrotask(() => host.push());
    return null;
  };
}

async function setUp(options: OpenOptions = {}): Promise<FakeHost> {
  return open({
    ...options,
    prepare: (host) => {
      const types = ['order.created', 'order.paid', 'price'];
      for (let i = 0; i < 60; i++)
        host.add(event(types[i % 3] ?? '', `{"n":${i},"sku":"A-${i % 7}","price":${i * 3}}`));
      host.add(comment('keep-alive'), step('success', 'pass', 'Connected'));
      host.counts = {
        types: types.map((type) => ({ type, count: 20 })),
        comments: 1,
        steps: 1,
      };
      filtering(host);
      options.prepare?.(host);
    },
  });
}

const input = (host: FakeHost) => host.page.getByTestId('find');
const matches = (host: FakeHost) => host.page.getByTestId('matches');
const isInView = (element: Element) => {
  const { top, bottom } = element.getBoundingClientRect();
  return element.contains(
    document.elementFromPoint(element.getBoundingClientRect().left + 40, (top + bottom) / 2),
  );
};
const chip = (host: FakeHost, name: string) =>
  host.page.locator('sse-filter-chips .chip').filter({ hasText: name });
const asked = (host: FakeHost) => host.called('filter').at(-1) as Filter;
const option = (host: FakeHost, name: string) => host.page.getByRole('button', { name, exact: true });

test('what is typed narrows the list, with a count and marks; Escape shows all again', async () => {
  const host = await setUp();
  await rowShown(host, 61);
  await host.page.keyboard.press('Control+f');
  await host.page.keyboard.type('a-3');
  await rowShown(host, 59);
  await expect.poll(() => matches(host).innerText()).toBe('9 of 62');
  await expect.poll(() => shownPositions(host)).toEqual([3, 10, 17, 24, 31, 38, 45, 52, 59]);
  expect(await host.page.locator('[data-position="59"] mark').allInnerTexts()).toEqual(['A-3']);
  expect(asked(host).terms).toEqual([{ mode: 'text', text: 'a-3', caseSensitive: false }]);
  await host.page.keyboard.press('Escape');
  await rowShown(host, 61);
  expect(await input(host).inputValue()).toBe('');
  expect(await matches(host).count()).toBe(0);
});

test('the options say what the text is; a $ makes it a JSON path, unless someone says no', async () => {
  const host = await setUp();
  await input(host).fill('$[?@.price > 100]');
  await expect
    .poll(() => asked(host).terms)
    .toEqual([{ mode: 'path', text: '$[?@.price > 100]', caseSensitive: false }]);
  expect(await option(host, 'JSON Path').getAttribute('aria-pressed')).toBe('true');
  await option(host, 'JSON Path').click();
  await input(host).fill('$5');
  await expect.poll(() => asked(host).terms[0]).toMatchObject({ mode: 'text', text: '$5' });
  await option(host, 'Match Case').click();
  await option(host, 'Regular Expression').click();
  await expect.poll(() => asked(host).terms[0]).toMatchObject({ mode: 'regex', caseSensitive: true });
});

test('a term that is wrong says so, changes nothing in the list, and can be a plain text', async () => {
  const host = await setUp();
  await rowShown(host, 61);
  await option(host, 'Regular Expression').click();
  await input(host).fill('(');
  const alert = host.page.getByRole('alert');
  await alert.waitFor();
  expect(await alert.innerText()).toContain('No regular expression: Unterminated group');
  expect(await input(host).getAttribute('aria-invalid')).toBe('true');
  expect(await shownPositions(host)).toContain(61);
  await alert.getByRole('button', { name: 'Search as text' }).click();
  await expect.poll(() => asked(host).terms[0]).toMatchObject({ mode: 'text', text: '(' });
  await alert.waitFor({ state: 'detached' });
});

test('Enter keeps a condition and adds another, Backspace takes it back, both count', async () => {
  const host = await setUp();
  await input(host).fill('A-3');
  await host.page.keyboard.press('Enter');
  await host.page.keyboard.type('"n":1');
  await expect.poll(() => asked(host).terms.map(({ text }) => text)).toEqual(['A-3', '"n":1']);
  await rowShown(host, 17);
  expect(await matches(host).innerText()).toMatch(/^\d+ of 62$/);
  await input(host).fill('');
  await host.page.keyboard.press('Backspace');
  expect(await input(host).inputValue()).toBe('A-3');
  await host.page.keyboard.press('Enter');
  await host.page.getByRole('button', { name: 'Remove A-3' }).click();
  await expect.poll(() => asked(host).terms.map(({ text }) => text)).toEqual(['']);
});

test('chips switch types and kinds off and on; with Alt, or twice, all others', async () => {
  const host = await setUp();
  await rowShown(host, 61);
  await chip(host, 'order.paid').click();
  await chip(host, 'comments').click();
  await expect
    .poll(() => asked(host))
    .toEqual({
      ...noFilter,
      types: { names: ['order.paid'], shown: false },
      hiddenKinds: ['comment'],
    });
  expect(await chip(host, 'order.paid').getAttribute('aria-pressed')).toBe('false');
  await expect.poll(() => matches(host).innerText()).toBe('41 of 62');
  await chip(host, 'price').click({ modifiers: ['Alt'] });
  await expect
    .poll(() => asked(host))
    .toMatchObject({
      types: { names: ['price'], shown: true },
      hiddenKinds: ['comment', 'step'],
    });
  await expect.poll(() => matches(host).innerText()).toBe('20 of 62');
  await chip(host, 'price').click({ modifiers: ['Alt'] });
  await expect.poll(() => asked(host)).toEqual(noFilter);
  await chip(host, 'order.created').dblclick();
  await expect.poll(() => asked(host).types).toEqual({ names: ['order.created'], shown: true });
});

test('the menu has every type, also those without room, and works by keyboard alone', async () => {
  const host = await setUp({
    width: 400,
    prepare: (host) => {
      host.counts = {
        types: Array.from({ length: 30 }, (_, i) => ({ type: `type.number.${i}`, count: 100 - i })),
        comments: 1,
        steps: 1,
      };
    },
  });
  await rowShown(host, 61);
  const reachable = host.page.locator('.types .chip:not([inert])');
  expect(await reachable.count()).toBeLessThan(6);
  const button = host.page.getByRole('button', { name: 'All types' });
  await button.focus();
  await host.page.keyboard.press('ArrowDown');
  const items = host.page.getByRole('menuitemcheckbox');
  expect(await items.count()).toBe(33);
  await host.page.keyboard.press('ArrowDown');
  await host.page.keyboard.press('ArrowDown');
  await host.page.keyboard.press('Enter');
  await expect.poll(() => asked(host).types.names).toEqual(['type.number.1']);
  expect(await items.nth(2).getAttribute('aria-checked')).toBe('false');
  await host.page.keyboard.press('Home');
  await host.page.keyboard.press('Enter');
  await expect.poll(() => asked(host)).toEqual(noFilter);
  await host.page.keyboard.press('Escape');
  expect(await items.count()).toBe(0);
  expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
});

const found = (host: FakeHost) => host.page.getByTestId('detail').locator('mark');

test('what an expression matches is marked where the host says, in rows and, found anew, in the detail', async () => {
  const host = await setUp({
    prepare: (host) => {
      const marks = { type: [[0, 5]], id: [], text: [[8, 13]] } as const;
      host.add(event('price', '{"text":"hello\u0007","more":"hello"}', { marks }));
      host.add((position) => ({
        ...step('info', 'x', 'Closed', { aside: '12 s' })(position),
        marks: { aside: [[0, 2]] },
      }));
    },
  });
  await rowShown(host, 63);
  expect(await host.page.locator('[data-position="62"] mark').allInnerTexts()).toEqual(['price', '"hell']);
  expect(await host.page.locator('[data-position="63"] mark').allInnerTexts()).toEqual(['12']);
  host.details.set(62, {
    ...(detailOf(host.rowAt(62)) as EventDetail),
    data: `{"text":"hello","more":{"a":["${'x'.repeat(500)}hello"]}}`,
  });
  await option(host, 'Regular Expression').click();
  await input(host).fill('HEL+o"|mo');
  await host.page.locator('[data-position="62"]').click();
  await expect.poll(() => found(host).allInnerTexts()).toEqual(['hello"', 'mo', 'show all 507 characters']);
  await host.page.getByRole('tab', { name: 'Text' }).last().click();
  await expect.poll(() => found(host).allInnerTexts()).toEqual(['hello"', 'mo', 'hello"']);
  await input(host).fill('xhel');
  await expect.poll(() => found(host).allInnerTexts()).toEqual(['xhel']);
  await host.page.getByRole('tab', { name: 'JSON' }).click();
  await expect.poll(() => found(host).allInnerTexts()).toEqual(['xhel']);
  await input(host).press('Escape');
  await expect.poll(() => found(host).count()).toBe(0);
});

test('what a path is about is opened in the tree, marked and in view; a text, too, there and in what is closed', async () => {
  const host = await setUp({ height: 460 });
  await rowShown(host, 61);
  const items = Array.from({ length: 300 }, (_, n) => ({ n, tags: [`t${n}`, 'é'] }));
  host.details.set(59, {
    ...(detailOf(host.rowAt(59)) as EventDetail),
    data: JSON.stringify({ sku: 'A-3', items }),
  });
  finding(host, 59);
  await input(host).fill('$.items[?@.n == 250]');
  await expect.poll(() => shownPositions(host)).toEqual([59]);
  await host.page.locator('[data-position="59"]').click();
  await expect.poll(() => found(host).allInnerTexts()).toEqual(['250']);
  await expect.poll(() => host.page.getByRole('treeitem', { name: 'n: 250' }).evaluate(isInView)).toBe(true);
  await option(host, 'JSON Path').click();
  await input(host).fill('É');
  await expect.poll(() => found(host).first().innerText()).toBe('é');
  // Those of the items that stay closed are marked as what they are in.
  await expect.poll(() => found(host).nth(1).innerText()).toMatch(/^\{ n: 1, tags: /);
});

test('what lies too deep or too far back to be opened is marked where it is hidden', async () => {
  const host = await setUp();
  await rowShown(host, 61);
  const far = JSON.stringify(Array.from({ length: 50_000 }, (_, n) => n));
  const deep = `${'[1,'.repeat(10_000)}"A-3"${']'.repeat(10_000)}`;
  for (const [position, data] of [far, deep].entries())
    host.details.set(position, { ...(detailOf(host.rowAt(position)) as EventDetail), data });
  finding(host, 0, 1);
  await input(host).fill('49999');
  await expect.poll(() => shownPositions(host)).toEqual([0, 1]);
  host.reveal(0);
  await expect.poll(() => found(host).allInnerTexts()).toEqual(['show 100 more of 49,900']);
  await input(host).fill('A-3');
  host.reveal(1);
  await expect.poll(() => found(host).allInnerTexts()).toEqual(['[1, [1, [1, […]]]]']);
  expect(await host.page.getByTestId('json').getByRole('treeitem').count()).toBeLessThan(2_100);
});

test('where nothing matches it says how much is hidden, and Clear Filter shows it', async () => {
  const host = await setUp();
  await chip(host, 'comments').click();
  await chip(host, 'lifecycle').click();
  await input(host).fill('nowhere');
  const empty = host.page.getByTestId('empty');
  await expect.poll(() => empty.innerText()).toContain('62 are hidden by the filter');
  await empty.getByRole('button', { name: 'Clear Filter' }).click();
  await rowShown(host, 61);
  expect(await input(host).inputValue()).toBe('');
});

test('while what was there is looked through it says how far, and why it ended early', async () => {
  const host = await setUp();
  await input(host).fill('A');
  await matches(host).waitFor();
  host.list = { ...host.list, progress: 0.4 };
  host.push();
  const bar = host.page.getByRole('progressbar');
  await bar.waitFor();
  expect(await bar.getAttribute('aria-valuenow')).toBe('40');
  host.list = { id: host.list.id, isFiltered: true, problem: 'It takes too long on event #7.', tooLarge: 2 };
  host.push();
  await bar.waitFor({ state: 'detached' });
  await host.page.getByText('It takes too long on event #7.').waitFor();
  await host.page.getByText('Over 8 MB, and not looked into: 2').waitFor();
});

test('Escape, also during a search, clears; empty, it and Down lead to the list', async () => {
  const host = await setUp();
  await input(host).fill('A');
  await matches(host).waitFor();
  host.list = { ...host.list, progress: 0.4 };
  host.push();
  await host.page.getByRole('progressbar').waitFor({ state: 'attached' });
  await input(host).press('Escape');
  await expect.poll(() => asked(host).terms[0]?.text).toBe('');
  const isInList = () => host.page.getByRole('grid').evaluate((grid) => grid === document.activeElement);
  expect(await isInList()).toBe(false);
  await input(host).press('Escape');
  expect(await isInList()).toBe(true);
  await host.page.keyboard.press('Control+f');
  await host.page.keyboard.type('a b');
  await input(host).press('ArrowDown');
  expect(await isInList()).toBe(true);
  expect(await host.page.getByTestId('pause').getAttribute('aria-pressed')).toBe('false');
});

test('a paused list gets what the filter finds in what was there, and nothing that comes later', async () => {
  const host = await setUp();
  await rowShown(host, 61);
  await host.page.getByTestId('pause').click();
  const { filtered } = host;
  host.filtered = (filter) => {
    const problem = filtered(filter);
    host.list = { ...host.list, progress: 0 };
    host.matches = [];
    return problem;
  };
  await input(host).fill('A-3');
  await host.page.getByText('Looking').waitFor();
  host.matches = [3, 10, 59];
  host.list = { id: host.list.id, isFiltered: true };
  host.push();
  await rowShown(host, 59);
  await expect.poll(() => shownPositions(host)).toEqual([3, 10, 59]);
  await host.page.getByRole('status').getByText('3 of 62 shown').waitFor({ state: 'attached' });
  host.add(event('price', '"A-3"'));
  host.matches.push(62);
  host.push();
  await expect.poll(() => host.page.getByTestId('follow-pill').innerText()).toContain('1 new');
  expect(await shownPositions(host)).toEqual([3, 10, 59]);
});

test('the selected record keeps its detail, and its place where the filter leaves it', async () => {
  const host = await setUp();
  await host.page.locator('[data-position="52"]').click();
  await host.page.getByTestId('detail').getByText('#53', { exact: true }).waitFor();
  await input(host).fill('A-3');
  await host.page.locator('[data-index="7"][data-position="52"].selected').waitFor();
  expect(await host.page.getByRole('grid').getAttribute('aria-activedescendant')).toBe('row-7');
  await host.page.getByRole('grid').press('ArrowUp');
  await host.page.getByTestId('detail').getByText('#46', { exact: true }).waitFor();
  await input(host).fill('A-1');
  await expect.poll(() => shownPositions(host)).toContain(50);
  await expect.poll(() => host.page.locator('.row.selected').count()).toBe(0);
  await host.page.getByTestId('detail').getByText('#46', { exact: true }).waitFor();
  await input(host).fill('');
  await host.page.locator('[data-position="45"].selected').waitFor();
});

test('a record that the filter hides is not revealed in silence', async () => {
  const host = await setUp();
  await input(host).fill('A-3');
  await matches(host).waitFor();
  host.reveal(52);
  await host.page.locator('[data-position="52"].selected').waitFor();
  host.reveal(53);
  const notice = host.page.getByText('The filter hides this record.');
  await notice.waitFor();
  await host.page.getByRole('status').getByRole('button', { name: 'Clear Filter' }).click();
  await host.page.locator('[data-position="53"].selected').waitFor();
  expect(await notice.count()).toBe(0);
  expect(await input(host).inputValue()).toBe('');
});

test('comes back as it was left, ahead of the first rows', async () => {
  const filter: Filter = {
    terms: [{ mode: 'regex', text: 'A-3', caseSensitive: true }],
    types: { names: ['price'], shown: true },
    hiddenKinds: ['step', 'comment'],
  };
  const host = await setUp({ saved: { filter } });
  expect(host.calls[0]).toEqual({ method: 'filter', params: filter });
  await rowShown(host, 59);
  expect(await input(host).inputValue()).toBe('A-3');
  expect(await option(host, 'Regular Expression').getAttribute('aria-pressed')).toBe('true');
  expect(await chip(host, 'order.paid').getAttribute('aria-pressed')).toBe('false');
});

test('a filter that nobody could have made is none', async () => {
  const host = await setUp({ saved: { filter: { terms: 'x', types: null } } });
  await rowShown(host, 61);
  expect(asked(host)).toEqual(noFilter);
});

test('new events come as they match, while following', async () => {
  const host = await setUp();
  await input(host).fill('A-3');
  await rowShown(host, 59);
  host.add(event('price', '"A-3"'), event('price', '"A-4"'));
  host.matches.push(62);
  host.push();
  await rowShown(host, 62);
  await expect.poll(() => matches(host).innerText()).toMatch(/ of 64$/);
});

const looks = themeNames.flatMap((theme) => [1400, 400].map((width) => [theme, width] as const));

test.each(looks)('axe finds nothing wrong: %s, %i px', async (theme: ThemeName, width: number) => {
  const host = await setUp({ theme, width });
  await rowShown(host, 61);
  await chip(host, 'comments').click();
  await input(host).fill('A-3');
  await expect.poll(() => matches(host).innerText()).toBe('9 of 62');
  await host.page.locator('[data-position="59"]').click();
  await found(host).waitFor();
  expect(await violations(host)).toEqual([]);
  await option(host, 'Regular Expression').click();
  await input(host).fill('(');
  await host.page.getByRole('alert').waitFor();
  host.list = { ...host.list, progress: 0.4, problem: 'It takes too long on event #7.' };
  host.push();
  await host.page.getByText('It takes too long').waitFor();
  await host.page.getByRole('button', { name: 'All types' }).press('ArrowDown');
  await host.page.getByRole('menu').waitFor();
  expect(await violations(host)).toEqual([]);
});
