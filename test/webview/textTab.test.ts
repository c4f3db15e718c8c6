import { expect, test } from 'vitest';
import { event, type FakeHost } from './fakeHost.ts';
import { settled, usePanels } from './panel.ts';
import { answer, chunk } from './textStreams.ts';

const open = usePanels();

/** A panel that was left at its Text tab. */
function openText(say: (host: FakeHost) => void, saved: object = {}) {
  return open({
    saved: { panelTab: 'text', ...saved },
    prepare: (host) => {
      host.add(event('message', '{}'), event('message', '{}'));
      say(host);
    },
  });
}

const messages = (host: FakeHost) => host.page.getByTestId('message');
const scroller = (host: FakeHost) => host.page.getByTestId('merged-text');
const atEnd = (host: FakeHost) =>
  scroller(host).evaluate((e) => e.scrollHeight - e.clientHeight - e.scrollTop < 4);

test('an answer is shown as it comes, and says how it ended', async () => {
  const host = await openText((host) => {
    host.textOpen();
    host.say(chunk({ role: 'assistant', content: 'Hel' }));
  });
  const message = messages(host).first();
  await message.getByText('Hel', { exact: true }).waitFor();
  expect(await message.getAttribute('data-state')).toBe('streaming');
  host.say(chunk({ content: 'lo' }), chunk({ content: '!' }));
  await message.getByText('Hello!', { exact: true }).waitFor();
  expect(await message.locator('.message-facts').innerText()).toMatch(
    /first token 320 ms\W+100 deltas\/s\W+3 deltas/,
  );
  expect(await host.page.getByTestId('recognized').innerText()).toBe('Recognized as OpenAI chat');
  host.say(
    chunk({}, { finish_reason: 'stop' }),
    { ...chunk({}), choices: [], usage: { completion_tokens: 12 } },
    '[DONE]',
  );
  await message.getByText('stop', { exact: true }).waitFor();
  expect(await message.locator('.message-facts').innerText()).toMatch(/600 tokens\/s\W+12 tokens/);
  expect(await host.page.getByTestId('text-announcer').innerText()).toBe('Message 1 finished: stop');
});

test('what was cut says so, and so does what a limit ended', async () => {
  const host = await openText((host) => {
    host.say(
      chunk({ content: 'one' }),
      chunk({}, { finish_reason: 'length' }),
      chunk({ role: 'a', content: 'two' }, { id: 'b' }),
    );
    host.textEnded();
  });
  await messages(host).nth(1).getByText('cut before its end mark').waitFor();
  await messages(host).nth(0).locator('.message-state.tone-warning', { hasText: 'length' }).waitFor();
});

test('thoughts and tool calls stand apart, arguments become a tree when they are whole', async () => {
  const host = await openText((host) => host.say(...answer.slice(0, -3)));
  const message = messages(host).first();
  await message.locator('details.thinking').getByText('Let me see.').waitFor();
  const [weather, time] = [message.getByTestId('tool-call').nth(0), message.getByTestId('tool-call').nth(1)];
  expect(await weather.locator('h3').innerText()).toMatch(/get_weather\s+call_a/);
  expect(await weather.getByRole('treeitem').allInnerTexts()).toContainEqual(
    expect.stringContaining('city: "Paris"'),
  );
  expect(await time.locator('.block').innerText()).toBe('{"zone":');
  host.say(...answer.slice(-3));
  await time.getByRole('treeitem').filter({ hasText: 'zone: "CET"' }).waitFor();
  await message.locator('summary').click();
  expect(await message.getByText('Let me see.').isVisible()).toBe(false);
  // It stays folded while the rest grows.
  host.say(chunk({ content: ' More.' }));
  await message.getByText('Sunny. More.').waitFor();
  expect(await message.getByText('Let me see.').isVisible()).toBe(false);
});

test('each part is copied as it came, by the host', async () => {
  const host = await openText((host) => host.say(...answer));
  await host.page.getByRole('button', { name: 'Copy the arguments' }).first().click();
  await host.page.getByRole('button', { name: 'Copied' }).waitFor();
  await host.page.getByRole('button', { name: 'Copy the thinking' }).click();
  await expect
    .poll(() => host.called('copy'))
    .toEqual([{ text: '{"city":"Paris"}' }, { text: 'Let me see.' }]);
});

test('an error in the stream is told in its words', async () => {
  const host = await openText((host) =>
    host.say(chunk({ content: 'a' }), { error: { message: '<b>Overloaded</b>', type: 'server_error' } }),
  );
  await messages(host).getByText('<b>Overloaded</b> (server_error)').waitFor();
  expect(await messages(host).getAttribute('data-state')).toBe('failed');
});

test('it follows the end like a terminal: not after scrolling up, again at the end', async () => {
  const line = (n: number) => chunk({ content: `line ${n}\n` });
  const host = await openText((host) => host.say(...Array.from({ length: 300 }, (_, n) => line(n))));
  await host.page.getByText('line 299').waitFor();
  await expect.poll(() => atEnd(host)).toBe(true);
  host.say(...Array.from({ length: 100 }, (_, n) => line(300 + n)));
  await host.page.getByText('line 399').waitFor();
  await expect.poll(() => atEnd(host)).toBe(true);

  await scroller(host).focus();
  const scrolled = scroller(host).evaluate(
    (e) => new Promise((resolve) => e.addEventListener('scrollend', resolve, { once: true })),
  );
  await host.page.keyboard.press('PageUp');
  await scrolled;
  await host.page.getByTestId('text-follow').waitFor();
  const top = await scroller(host).evaluate((e) => e.scrollTop);
  host.say(...Array.from({ length: 100 }, (_, n) => line(400 + n)));
  await host.page.getByText('line 499').waitFor();
  await settled(host);
  expect(await scroller(host).evaluate((e) => e.scrollTop)).toBe(top);

  await host.page.getByTestId('text-follow').click();
  await expect.poll(() => atEnd(host)).toBe(true);
  expect(await host.page.getByTestId('text-follow').count()).toBe(0);
  expect(await scroller(host).evaluate((e) => document.activeElement === e)).toBe(true);
});

test('a stream without such deltas says what the tab is for, and leads to a JSON path', async () => {
  const host = await openText((host) =>
    host.say({ price: 1, note: { text: 'a' } }, { price: 2, note: { text: 'b' } }),
  );
  const empty = host.page.getByTestId('empty');
  await empty.getByText('No deltas of a language model found').waitFor();
  await empty.getByRole('button', { name: 'Choose a JSON Path' }).click();
  await empty.getByText('Where is the text?').waitFor();
  const path = host.page.getByTestId('path');
  expect(await path.evaluate((e) => document.activeElement === e)).toBe(true);
  await path.fill('note.text');
  await path.press('Enter');
  await host.page.getByRole('alert').getByText('This is no JSON path: it begins with $').waitFor();
  await path.fill('$.note.text');
  await path.press('Enter');
  await messages(host).getByText('ab', { exact: true }).waitFor();
  expect(await host.page.getByRole('alert').count()).toBe(0);
  expect(host.saved.at(-1)).toMatchObject({ text: { shape: 'path', path: '$.note.text' } });
});

test("the shape is the user's to choose, and is kept", async () => {
  const host = await openText((host) => host.say(...answer), {
    text: { shape: 'anthropicMessages', path: '' },
  });
  await host.page.getByText('No deltas of Anthropic messages found').waitFor();
  await host.page.getByRole('button', { name: 'Recognize the Shape' }).click();
  await messages(host).getByText('Sunny.').waitFor();
  expect(await host.page.getByTestId('shape').inputValue()).toBe('auto');
  await host.page.getByTestId('shape').selectOption('openaiResponses');
  await host.page.getByText('No deltas of OpenAI responses found').waitFor();
  expect(await messages(host).count()).toBe(0);
});

test('nothing is asked of the host, and nothing read, while another tab is in view', async () => {
  const host = await open({ prepare: (host) => host.say(...answer) });
  await settled(host);
  expect(host.called('text')).toEqual([]);
  await host.page.getByRole('tab', { name: 'Text' }).click();
  await messages(host).getByText('Sunny.').waitFor();
  await host.page.getByRole('tab', { name: 'Events' }).click();
  await host.page.getByTestId('message').waitFor({ state: 'detached' });
  const { length } = host.called('text');
  host.say(chunk({ content: ' More.' }));
  await settled(host);
  expect(host.called('text').length).toBe(length);
  await host.page.getByRole('tab', { name: 'Text' }).click();
  await messages(host).getByText('Sunny. More.').waitFor();
});

test('older messages are there when they are asked for', async () => {
  const host = await openText((host) => {
    for (let n = 1; n <= 70; n++)
      host.say(chunk({ role: 'a', content: `text ${n}.` }, { id: `${n}`, finish_reason: 'stop' }));
  });
  await messages(host).getByText('text 70.').waitFor();
  expect(await messages(host).count()).toBe(30);
  await scroller(host).evaluate((e) => {
    e.scrollTop = 0;
  });
  await host.page.getByRole('button', { name: 'Show earlier messages (40)' }).click();
  await messages(host).getByText('text 11.').waitFor();
  await host.page.getByRole('button', { name: 'Show earlier messages (10)' }).click();
  await messages(host).getByText('text 1.', { exact: true }).waitFor();
  expect(await messages(host).count()).toBe(70);
  expect(await host.page.getByRole('button', { name: /Show earlier/ }).count()).toBe(0);
});

test('a message leads to its first event in the list', async () => {
  const host = await openText((host) => {
    host.say({ price: 1 });
    host.say(...answer);
  });
  await host.page.getByRole('button', { name: 'Show the first event of message 1 in the list' }).click();
  await host.page.locator('[data-position="1"].selected').waitFor();
  expect(await host.page.getByRole('tab', { name: 'Events' }).getAttribute('aria-selected')).toBe('true');
});

test('what a model says is text, whatever it looks like', async () => {
  const host = await openText((host) =>
    host.say(
      chunk({ content: '<img src=x onerror=alert(1)> [link](command:x) \u202egnp.exe \u001b[31m' }),
      chunk({
        tool_calls: [
          { index: 0, id: '<i>', function: { name: '<script>', arguments: '{"<b>":"</script>"}' } },
        ],
      }),
    ),
  );
  const message = messages(host).first();
  await message.getByText('<img src=x onerror=alert(1)> [link](command:x) [U+202E]gnp.exe ␛[31m').waitFor();
  expect(await message.getByTestId('tool-call').locator('h3').innerText()).toContain('<script>');
  expect(await message.locator('img, script, b, a').count()).toBe(0);
});

test('a text of megabytes comes whole, and stays light', async () => {
  const host = await openText((host) => {
    for (let n = 0; n < 20; n++) host.say(chunk({ content: `${n} ${'word '.repeat(19_999)}\n` }));
  });
  await expect
    .poll(() => host.page.locator('.blocks').evaluate((e) => e.textContent?.length ?? 0), { timeout: 15_000 })
    .toBeGreaterThan(1_990_000);
  await host.page.getByRole('button', { name: 'Copy the text' }).click();
  await expect.poll(() => host.called('copy').length).toBe(1);
  const [copied] = host.called('copy') as { text: string }[];
  expect(copied?.text.length).toBe(20 * (19_999 * 5) + 10 * 2 + 10 * 3 + 20);
});
