import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultOf } from '../../../src/lab/faultForms.ts';
import { describeFault, type Fault } from '../../../src/lab/faultKinds.ts';
import { FaultPipeline } from '../../../src/lab/faultPipeline.ts';
import { seededRandom } from '../../../src/lab/seededRandom.ts';
import type { ResponseHead } from '../../../src/sse/transport.ts';
import { FakeClock } from '../../support/fakeClock.ts';

const utf8 = new TextEncoder();
const headOf = (type = 'text/event-stream'): ResponseHead => ({
  status: 200,
  statusText: 'OK',
  httpVersion: '1.1',
  headers: [['Content-Type', type]],
});

/** An exchange with faults: what its client hears, and when. */
class Heard {
  readonly clock = new FakeClock();
  readonly acts: string[] = [];
  readonly chunks: Uint8Array[] = [];
  head: ResponseHead | undefined;
  end: string | undefined;
  readonly pipeline: FaultPipeline;

  constructor(...faults: Fault[]) {
    this.pipeline = new FaultPipeline(
      faults,
      {
        head: (head) => {
          this.head = head;
        },
        chunk: (bytes) => this.chunks.push(bytes),
        end: ({ kind }) => {
          this.end = kind;
        },
      },
      {
        clock: this.clock,
        random: seededRandom(7),
        acted: (_fault, what) => this.acts.push(what),
        ended: () => {},
      },
    );
  }

  get text(): string {
    return new TextDecoder().decode(Buffer.concat(this.chunks));
  }

  /** All that a server sends, an event stream. */
  play(...texts: (string | Uint8Array)[]): this {
    this.pipeline.head(headOf());
    for (const text of texts) this.pipeline.chunk(typeof text === 'string' ? utf8.encode(text) : text);
    this.pipeline.end({ kind: 'end' });
    return this;
  }
}

const heard = (fault: Fault, ...texts: string[]): Heard => new Heard(fault).play(...texts);

describe('latency', () => {
  it('lets head, chunks and end wait, in order', () => {
    const one = heard(faultOf('latency', { ms: 500 }), 'data: 1\n\n');
    one.clock.advance(499);
    expect([one.head, one.text, one.end]).toEqual([undefined, '', undefined]);
    one.clock.advance(1);
    expect([one.head?.status, one.text, one.end]).toEqual([200, 'data: 1\n\n', 'end']);
    expect(one.acts).toEqual(['answer held for 500 ms']);
  });

  it('waits as long for the same seed, within its jitter', () => {
    const [a, b] = [0, 0].map(() => heard(faultOf('latency', { ms: 100, jitterMs: 1_000 })));
    expect(a?.acts).toEqual(b?.acts);
    const ms = Number(/\d+/.exec(a?.acts[0] ?? '')?.[0]);
    expect(ms).toBeGreaterThanOrEqual(100);
    expect(ms).toBeLessThanOrEqual(1_100);
  });

  it('leaves an open stream as it is, and says so', () => {
    const one = new Heard();
    one.pipeline.head(headOf());
    expect(one.pipeline.inject(faultOf('latency', {}))).toBe(false);
    one.pipeline.chunk(utf8.encode('data: 1\n\n'));
    expect(one.text).toBe('data: 1\n\n');
  });

  it('asks the sender to wait, and gives up when it goes on', () => {
    const one = new Heard(faultOf('latency', { ms: 60_000 }));
    one.pipeline.head(headOf());
    const chunk = new Uint8Array(256 * 1024);
    one.pipeline.chunk(chunk);
    expect(one.pipeline.isFull).toBe(true);
    for (let i = 0; i < 4; i++) one.pipeline.chunk(chunk);
    expect(one.chunks).toHaveLength(5);
    expect(one.pipeline.isFull).toBe(false);
    expect(one.clock.pending).toBe(0);
    expect(one.acts.at(-1)).toBe('held more than 1 MiB, and no longer');
  });
});

describe('burst', () => {
  it('lets through at once what came in a while, and what is left at the end', () => {
    const one = new Heard(faultOf('burst', { ms: 1_000 }));
    one.pipeline.head(headOf());
    for (const n of [1, 2]) one.pipeline.chunk(utf8.encode(`data: ${n}\n\n`));
    expect(one.head?.status).toBe(200);
    expect(one.text).toBe('');
    one.clock.advance(1_000);
    expect(one.text).toBe('data: 1\n\ndata: 2\n\n');
    one.pipeline.chunk(utf8.encode('data: 3\n\n'));
    expect(one.chunks).toHaveLength(2);
    one.pipeline.end({ kind: 'end' });
    expect([one.chunks.length, one.end, one.clock.pending]).toEqual([3, 'end', 0]);
  });
});

describe('stall', () => {
  it('lets no byte through in the silence, not even half a line end', () => {
    const one = new Heard(faultOf('stall', { afterEvents: 1, ms: 1_000 }));
    one.pipeline.head(headOf());
    one.pipeline.chunk(utf8.encode('data: 1\r\n\r'));
    const before = one.text;
    one.pipeline.chunk(utf8.encode('\n: beat\n\ndata: 2\n\n'));
    expect(one.text).toBe(before);
    one.clock.advance(1_000);
    expect(one.text).toBe('data: 1\r\n\r\n: beat\n\ndata: 2\n\n');
  });

  it('keeps nothing of what will never go out', () => {
    const one = new Heard(faultOf('stall', {}));
    one.pipeline.head(headOf());
    for (let i = 0; i < 32; i++) one.pipeline.chunk(utf8.encode(`data: ${'x'.repeat(65_536)}\n\n`));
    expect([one.text, one.pipeline.isFull, one.acts]).toEqual(['', false, ['silence']]);
  });
});

describe('splitCharacter', () => {
  it('sends the first byte of a character by itself, the others later, and what comes behind them', () => {
    const one = heard(faultOf('splitCharacter', { ms: 20 }), 'data: €\n\n', 'data: ü\n\n');
    expect([...(one.chunks.at(-1) ?? [])].at(-1)).toBe(0xe2);
    expect(one.end).toBeUndefined();
    one.clock.advance(20);
    expect(one.chunks).toHaveLength(3);
    expect([one.text, one.end]).toEqual(['data: €\n\ndata: ü\n\n', 'end']);
  });

  it('counts the events that have such a character', () => {
    const fault = faultOf('splitCharacter', { every: 2, ms: 0 });
    const one = heard(fault, 'data: ü\n\n', 'data: u\n\n', 'data: ä\n\n');
    expect(one.chunks.map(({ length }) => length)).toEqual([10, 9, 7]);
  });
});

describe('dropIds', () => {
  it('takes ids out, and nothing else', () => {
    const one = heard(
      faultOf('dropIds', {}),
      'id: 1\ndata: a\n\n: id: 2\n\ndata: id: 3\r\nid\r\nidea: x\r\n\r\n',
    );
    expect(one.text).toBe('data: a\n\n: id: 2\n\ndata: id: 3\r\nidea: x\r\n\r\n');
    expect(one.acts).toEqual(['no id in every event']);
  });

  it('counts the events that have one', () => {
    const one = heard(
      faultOf('dropIds', { every: 2 }),
      'id: 1\ndata: a\n\ndata: b\n\nid: 2\ndata: c\n\nid: 3\n\n',
    );
    expect(one.text).toBe('id: 1\ndata: a\n\ndata: b\n\ndata: c\n\nid: 3\n\n');
  });
});

describe('doubleEvents', () => {
  it('sends every so manieth event twice, no comment', () => {
    const one = heard(faultOf('doubleEvents', { every: 2 }), ': x\n\nid: 1\ndata: a\n\nid: 2\ndata: b\n\n');
    expect(one.text).toBe(': x\n\nid: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 2\ndata: b\n\n');
  });

  it('tells of it once', () => {
    expect(heard(faultOf('doubleEvents', { every: 1 }), 'data\n\n'.repeat(50)).acts).toEqual([
      'every event twice',
    ]);
  });
});

describe('retry', () => {
  it('comes first in a stream', () => {
    expect(heard(faultOf('retry', { ms: 50 }), 'data: 1\n\n').text).toBe('retry: 50\n\ndata: 1\n\n');
  });

  it('comes behind the event that a stream is in the middle of', () => {
    const one = new Heard();
    one.pipeline.head(headOf());
    one.pipeline.chunk(utf8.encode('data: 1\nda'));
    expect(one.pipeline.inject(faultOf('retry', { ms: 50 }))).toBe(true);
    one.pipeline.chunk(utf8.encode('ta: 2\n\ndata: 3\n\n'));
    expect(one.text).toBe('data: 1\ndata: 2\n\nretry: 50\n\ndata: 3\n\n');
  });

  it('leaves alone what is no event stream', () => {
    const one = new Heard(faultOf('retry', {}));
    one.pipeline.head(headOf('text/html'));
    one.pipeline.chunk(utf8.encode('<p>'));
    expect([one.text, one.acts]).toEqual(['<p>', []]);
  });
});

describe('contentType', () => {
  it('says another type, or none', () => {
    expect(heard(faultOf('contentType', { value: 'application/json' }), 'data\n\n').head?.headers).toEqual([
      ['Content-Type', 'application/json'],
    ]);
    expect(heard(faultOf('contentType', { value: '' })).head?.headers).toEqual([]);
  });
});

describe('noBlankLine', () => {
  it.each(['\n', '\r', '\r\n'])('lets two events run together (line end %j)', (end) => {
    const text = `data: 1${end}${end}data: 2${end}${end}`;
    expect(heard(faultOf('noBlankLine', { every: 2 }), `${text}data: 3${end}${end}`).text).toBe(
      `data: 1${end}${end}data: 2${end}data: 3${end}${end}`,
    );
  });

  it('knows the end of a line that came in two chunks', () => {
    const one = heard(faultOf('noBlankLine', { every: 1 }), 'data: 1\r\n\r', '\ndata: 2\r\n\r\n');
    expect(one.text).toBe('data: 1\r\ndata: 2\r\n');
  });
});

describe('noHeartbeat', () => {
  it('leaves nothing of a comment, not even its blank line', () => {
    const one = heard(
      faultOf('noHeartbeat', {}),
      ': 1\n\n: 2\r\n\r',
      '\ndata: 1\n\n:\n\ndata: 2\n: in it\n\n',
    );
    expect(one.text).toBe('data: 1\n\ndata: 2\n: in it\n\n');
    expect(one.acts).toEqual(['left out the comments']);
  });
});

describe('ignoreLastEventId', () => {
  it('takes the id from the request, and tells it where there was one', () => {
    const one = new Heard(faultOf('ignoreLastEventId', {}));
    const others = [['Accept', 'text/event-stream']] as const;
    expect(one.pipeline.requestHeaders(others)).toBe(others);
    expect(one.acts).toEqual([]);
    expect(one.pipeline.requestHeaders([...others, ['last-event-id', '7']])).toEqual(others);
    expect(one.acts).toEqual(['no Last-Event-ID for the server']);
  });
});

describe('every kind', () => {
  const faults: Fault[] = [
    faultOf('dropIds', { every: 2 }),
    faultOf('doubleEvents', { every: 2 }),
    faultOf('noBlankLine', { every: 2 }),
    faultOf('noHeartbeat', {}),
    faultOf('retry', {}),
    faultOf('cut', { afterEvents: 2, how: 'midEvent' }),
    faultOf('stall', { afterEvents: 2 }),
  ];
  const stream =
    'id: 1\r\ndata: ä\r\n\r\n: x\n\nid\rdata: 2\r\rid: 3\n\nevent: e\ndata: 3\ndata: €\n\nretry: 1\n\ndata: 4\n\n';

  it.each(faults)('does the same however the stream is chunked: $kind', (fault) => {
    const bytes = utf8.encode(stream);
    const whole = new Heard(fault).play(bytes).text;
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 })), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((end, i) => bytes.slice(places[i], end));
        expect(new Heard(fault).play(...chunks).text).toBe(whole);
      }),
    );
  });

  it.each([...faults, faultOf('latency', {}), faultOf('burst', {}), faultOf('splitCharacter', {})])(
    'leaves no timer behind: $kind',
    (fault) => {
      const one = heard(fault, stream);
      one.pipeline.dispose();
      const { text } = one;
      one.clock.advance(100_000);
      expect([one.text, one.clock.pending]).toEqual([text, 0]);
    },
  );

  it('is said in a few words', () => {
    expect(faults.map(describeFault)).toEqual([
      'no id in every 2nd event',
      'every 2nd event twice',
      'no blank line behind every 2nd event',
      'no comments',
      'retry: 10000',
      'cut in the middle of event 3',
      'silence after 2 events',
    ]);
  });
});
