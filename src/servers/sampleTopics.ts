/** One thing a topic sends: text in the wire format of the HTML standard, section 9.2.5. */
export interface SampleTopic {
  readonly name: string;
  /** What it is good for, in a few words. */
  readonly about: string;
  /** How many steps make the stream; undefined for one without an end. */
  readonly length?: number;
  /** Steps carry ids, so that a client resumes after the last one it saw. */
  readonly hasIds: boolean;
  /** How much faster than the server's interval its steps come. */
  readonly speed?: number;
  /** The block or blocks of step `n`, counted from 1: the same for the same `n`, always. */
  step(n: number): string;
}

const customers = ['Ada Lovelace', 'Grace Hopper', 'Alan Turing', 'Zoë Müller', '山田 太郎'] as const;
const items = ['coffee beans', 'green tea', 'oat milk', 'dark chocolate'] as const;
const story =
  'A server keeps one response open and writes an event whenever something happens. ' +
  'The client reads, remembers the last id, and when the line breaks it asks for what came after. ' +
  'That is all there is to it: text over HTTP, and a good memory. ☕';
/** Words with the space before them, as models send them. */
const words = story.match(/\s?\S+/gu) ?? [];
const epoch = Date.UTC(2026, 0, 1, 9);

export const sampleTopics: readonly SampleTopic[] = [
  {
    name: 'orders',
    about: 'orders and prices of several event types, with ids, comments and some odd ones out',
    hasIds: true,
    step: orderStep,
  },
  {
    name: 'heartbeat',
    about: 'comments, and an event every twentieth time',
    hasIds: true,
    step: (n) => (n % 20 === 0 ? eventBlock(n, 'beat', JSON.stringify({ beats: n })) : ': keep-alive\n\n'),
  },
  {
    name: 'llm',
    about: 'a chat completion in small deltas, ended by [DONE]; no ids',
    hasIds: false,
    length: words.length + 3,
    speed: 25,
    step: chatStep,
  },
  {
    name: 'finite',
    about: 'ten events and a clean end; after the tenth, 204 No Content',
    hasIds: true,
    length: 10,
    step: (n) => eventBlock(n, 'count', JSON.stringify({ n, of: 10 })),
  },
];

function orderStep(n: number): string {
  const at = new Date(epoch + n * 1000).toISOString();
  const order = 1000 + Math.floor(n / 4);
  const keepAlive = n % 5 === 0 ? ': keep-alive\n\n' : '';
  // Every 11th is plain text, every 7th spans several data lines; the rest goes round in fours.
  if (n % 11 === 0)
    return `${keepAlive}${eventBlock(n, undefined, `Shift change at ${at}: the till is counted.`)}`;
  if (n % 7 === 0) {
    const report = {
      at,
      kind: 'report',
      orders: n,
      open: n % 13,
      revenue: { currency: 'EUR', cents: n * 1290 },
    };
    return keepAlive + eventBlock(n, undefined, JSON.stringify(report, undefined, 2));
  }
  switch (n % 4) {
    case 1: {
      const created = {
        orderId: order,
        at,
        customer: { id: n % customers.length, name: customers[n % customers.length] },
        items: [
          {
            sku: `SKU-${100 + (n % 40)}`,
            name: items[Math.floor(n / 4) % items.length],
            quantity: 1 + (n % 3),
          },
        ],
        total: { currency: 'EUR', cents: 450 + ((n * 37) % 5000) },
      };
      return keepAlive + eventBlock(n, 'order.created', JSON.stringify(created));
    }
    case 2: {
      const price = { symbol: 'ARABICA', price: 300 + ((n * 7919) % 1000) / 100, currency: 'USD', at };
      return keepAlive + eventBlock(n, 'price', JSON.stringify(price));
    }
    case 3:
      return (
        keepAlive +
        eventBlock(n, 'order.paid', JSON.stringify({ orderId: order, at, method: 'card', approved: true }))
      );
    default:
      return (
        keepAlive +
        eventBlock(n, undefined, JSON.stringify({ text: `${n} events so far`, at, ok: true, note: null }))
      );
  }
}

/** Role, words, finish, then the marker, as the OpenAI chat completions API streams them. */
function chatStep(n: number): string {
  if (n === words.length + 3) return 'data: [DONE]\n\n';
  const isLast = n === words.length + 2;
  const delta = n === 1 ? { role: 'assistant', content: '' } : isLast ? {} : { content: words[n - 2] };
  const chunk = {
    id: 'chatcmpl-sample',
    object: 'chat.completion.chunk',
    created: epoch / 1000,
    model: 'sample-1',
    choices: [{ index: 0, delta, finish_reason: isLast ? 'stop' : null }],
  };
  return eventBlock(undefined, undefined, JSON.stringify(chunk));
}

/** One event in the wire format, whatever ends the lines of `data`. */
export function eventBlock(id: number | undefined, type: string | undefined, data: string): string {
  const idLine = id === undefined ? '' : `id: ${id}\n`;
  const typeLine = type === undefined ? '' : `event: ${type}\n`;
  const dataLines = data.split(/\r\n?|\n/).map((line) => `data: ${line}\n`);
  return `${idLine}${typeLine}${dataLines.join('')}\n`;
}
