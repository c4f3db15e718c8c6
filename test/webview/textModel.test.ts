import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextBlocks } from '../../media/textBlocks.ts';
import { TextModel } from '../../media/textModel.ts';
import { MergedText } from '../../src/capture/text/mergedText.ts';
import { newsOf } from '../../src/panelApi/text.ts';

const choice = { shape: 'auto' } as const;

/** A host that answers at once, with as little text at a time as it is told. */
function answerOf(text: MergedText, model: TextModel) {
  const request = model.request(choice);
  return { generation: 1, revision: text.revision, behind: 0, missed: 0, ...newsOf(text, request, true) };
}

function plain(text: MergedText, from: number) {
  return text.messages
    .filter(({ id }) => id >= from)
    .map(({ id, state, parts }) => [id, state, ...[...parts.values()].map(({ text }) => text.slice(0, 1e9))]);
}

function held(model: TextModel) {
  return model.messages.map(({ view, parts }) => [
    view.id,
    view.state,
    ...parts.map(({ blocks, view: { start } }) =>
      blocks.raw.slice(Math.max(0, start - (blocks.blocks[0]?.at ?? 0))),
    ),
  ]);
}

test('whatever comes, is lost or asked for, the panel ends with what the host has', () => {
  const step = fc.oneof(
    fc.record({ say: fc.string({ minLength: 1, maxLength: 30 }), id: fc.nat(4), thinks: fc.boolean() }),
    fc.record({ long: fc.integer({ min: 1, max: 40 }), id: fc.nat(4) }),
    fc.record({ finish: fc.nat(4) }),
    fc.constant('ask' as const),
    fc.constant('lose' as const),
    fc.constant('earlier' as const),
    fc.constant('end' as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const text = new MergedText(choice, { characters: 30_000, messages: 40, parts: 100 });
      const model = new TextModel();
      let position = 0;
      const send = (id: number, delta: object, finish_reason: string | null = null) => {
        const data = JSON.stringify({ id: `${id}`, choices: [{ index: 0, delta, finish_reason }] });
        text.push({ position: position++, time: position, attempt: 1, type: 'message', data });
      };
      for (const step of steps) {
        if (step === 'ask') model.receive(answerOf(text, model));
        else if (step === 'lose') answerOf(text, model);
        else if (step === 'earlier') model.showEarlier();
        else if (step === 'end') text.end();
        else if ('say' in step)
          send(step.id, { role: 'a', [step.thinks ? 'reasoning' : 'content']: step.say });
        else if ('long' in step)
          send(step.id, { role: 'a', content: `${'x'.repeat(99)}\n`.repeat(step.long) });
        else send(step.finish, {}, 'stop');
      }
      model.receive(answerOf(text, model));
      const shown = text.gone + 1 + model.earlier;
      expect(held(model)).toEqual(plain(text, shown));
    }),
  );
});

test('a text in blocks is the text, line by line, whatever pieces it comes in', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.nat(30).map((lines) => `${'a'.repeat(333)}\n`.repeat(lines)),
    fc.constant('😀'.repeat(33_333)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.nat(3), (pieces, overlap) => {
      const text = pieces.join('');
      const blocks = new TextBlocks();
      let at = 0;
      for (const { length } of pieces) {
        const from = Math.max(0, at - overlap);
        blocks.put(from, text.slice(from, at + length));
        at += length;
      }
      expect(blocks.raw).toBe(text);
      expect(blocks.end).toBe(text.length);
      for (const [index, { raw }] of blocks.blocks.entries()) {
        if (index < blocks.blocks.length - 1) expect(raw.endsWith('\n') || raw.length >= 15_999).toBe(true);
        expect(raw.length).toBeLessThanOrEqual(16_001);
      }
    }),
    { numRuns: 30 },
  );
});

test('half a character at the end waits for its other half', () => {
  const blocks = new TextBlocks();
  blocks.put(0, 'a\ud83d');
  expect(blocks.blocks.map(({ shown }) => shown)).toEqual(['a']);
  blocks.put(2, '\ude00');
  expect(blocks.blocks.map(({ shown }) => shown)).toEqual(['a😀']);
});

test('what is missing in between makes a new beginning, what was let go goes', () => {
  const blocks = new TextBlocks();
  blocks.put(0, 'one');
  blocks.put(10, `${'x'.repeat(4_000)}\ntwo`);
  expect(blocks.blocks.map(({ at }) => at)).toEqual([10, 4_011]);
  blocks.drop(4_012);
  expect(blocks.raw).toBe('two');
});
