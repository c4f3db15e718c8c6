import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { describe, expect, it } from 'vitest';
import { Capture } from '../../../../src/capture/capture.ts';
import { sseText } from '../../../../src/capture/formats/sseText.ts';
import { eventsIn, exported, open, read, recordsIn, sourceOf } from './captures.ts';

const utf8 = new TextEncoder();

describe('.sse', () => {
  it('is the stream, with its attempts told apart and ids where only they carry them', () => {
    const capture = new Capture();
    capture.addStep(1_000, 1, open);
    capture.addEvent(1_010, 1, 'message', undefined, utf8.encode('id:1\r\ndata:a\r\n\r\n'));
    capture.addComment(1_020, 1, 'ping');
    capture.addEvent(1_030, 1, 'message', '1', utf8.encode('data: b\n\n'));
    capture.addEvent(1_040, 1, 'message', '5', utf8.encode('data: c\n\n'));
    capture.addEvent(1_050, 3, 'message', undefined, utf8.encode('data: d\n\n'));
    const file = exported(sourceOf(capture), sseText).toString();
    expect(file).toBe(
      [
        ': -- attempt 1, 1970-01-01T00:00:01.010Z --\n\nid:1\r\ndata:a\r\n\r\n: ping\ndata: b\n\n',
        'id: 5\n\ndata: c\n\n: -- attempt 3, 1970-01-01T00:00:01.050Z --\n\nid: \n\ndata: d\n\n',
      ].join(''),
    );
    // What other parsers make of it.
    const events: EventSourceMessage[] = [];
    createParser({ onEvent: (event) => events.push(event) }).feed(file);
    expect(events.map(({ data }) => data)).toEqual(['a', 'b', 'c', 'd']);
    const back = read('sse', file).capture;
    expect(eventsIn(back).map(({ lastEventId }) => lastEventId)).toEqual(['1', '1', '5', '']);
    expect(recordsIn(back).map(({ attempt, time }) => [attempt, time])).toEqual([
      [1, 1_010],
      [1, 1_010],
      [1, 1_010],
      [1, 1_010],
      [3, 1_050],
    ]);
  });

  it('lets no comment become an event', () => {
    const capture = new Capture();
    capture.addComment(1, 1, 'a\ndata: b\r\rdata: c');
    expect(eventsIn(read('sse', exported(sourceOf(capture), sseText)).capture)).toEqual([]);
  });

  it('opens what curl has kept: no attempts, no times, what is odd told, an end in the middle', () => {
    const file = '\uFEFF:hi\n\nretry: 10\nData: x\ndata: a\n\nevent: b\ndata: c\r\n\r\ndata: cut';
    for (const chunk of [1, 4_096]) {
      const { info, problem, capture } = read('sse', file, chunk);
      expect({ info, problem }).toEqual({
        info: { connection: '', method: '', url: '', hasTimes: false },
        problem: undefined,
      });
      expect(eventsIn(capture)).toEqual([
        { type: 'message', data: 'a', lastEventId: '' },
        { type: 'b', data: 'c', lastEventId: '' },
      ]);
      expect(recordsIn(capture).at(0)).toMatchObject({ kind: 'comment', text: 'hi', attempt: 1, time: 0 });
      expect(recordsIn(capture).flatMap((r) => (r.kind === 'step' ? [r.step] : []))).toEqual([
        { step: 'oddity', oddity: { kind: 'unknownField', field: 'Data' }, at: 8 },
        { step: 'oddity', oddity: { kind: 'unfinished', bytes: 9 }, at: 55 },
      ]);
      expect(recordsIn(capture)).toMatchObject([
        {},
        {},
        { chunkCount: 1 },
        { chunkCount: 1, block: utf8.encode('event: b\ndata: c\r\n\r\n') },
        {},
      ]);
    }
  });

  it.each([': -- attempt 99999999999 --', ': -- attempt 4294967296, now --', ': -- attempt --'])(
    'takes %s for a comment',
    (line) => {
      const { capture } = read('sse', `${line}\n\n`);
      expect(recordsIn(capture)[0]).toMatchObject({ kind: 'comment', attempt: 1, text: line.slice(2) });
    },
  );

  it('is bounded where a block has no end', () => {
    const { capture, problem } = read('sse', Buffer.alloc(20_000_000, 'data: x\n'), 1_000_000);
    expect(problem).toBeUndefined();
    expect(recordsIn(capture)).toMatchObject([{ step: { step: 'dropped' } }]);
  });

  it('says of an empty file that it is', () => {
    expect(read('sse', '').problem).toEqual({ reason: 'empty', byte: 0 });
  });
});
