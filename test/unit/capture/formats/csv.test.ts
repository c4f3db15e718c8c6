import { describe, expect, it } from 'vitest';
import { Capture } from '../../../../src/capture/capture.ts';
import { csv } from '../../../../src/capture/formats/csv.ts';
import { plainBlock } from '../../../../src/capture/formats/wire.ts';
import { exported, open, sourceOf } from './captures.ts';

const utf8 = new TextEncoder();

function withEvent(type: string, id: string, data: string): Capture {
  const capture = new Capture();
  capture.addEvent(0, 1, type, undefined, utf8.encode(plainBlock({ type, ownId: id, data })));
  return capture;
}

describe('CSV', () => {
  it('has a line for each event, times in UTC, and the gap to the one before', () => {
    const capture = new Capture();
    capture.addStep(1_769_850_000_000, 1, open);
    capture.addEvent(
      1_769_850_000_000,
      1,
      'price',
      undefined,
      utf8.encode('event: price\ndata: {"a":1}\n\n'),
    );
    capture.addComment(1_769_850_000_100, 1, 'ping');
    capture.addEvent(1_769_850_000_250, 2, 'message', '7', utf8.encode('data: a\ndata: b\n\n'));
    expect(exported(sourceOf(capture), csv).toString()).toBe(
      [
        '\uFEFFnumber,time,gap ms,attempt,type,id,size,data',
        '1,2026-01-31T09:00:00.000Z,,1,price,,28,"{""a"":1}"',
        '2,2026-01-31T09:00:00.250Z,250,2,message,7,17,"a\nb"',
        '',
      ].join('\r\n'),
    );
  });

  it('says nothing of times where there are none', () => {
    const info = { connection: '', method: '', url: '', hasTimes: false };
    const file = exported(sourceOf(withEvent('a', '1', 'x'), { info }), csv).toString();
    expect(file.split('\r\n')[1]).toBe('1,,,1,a,1,24,x');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\uFF1D1', '=cmd|"/c calc"!A1', '\n=1'])(
    'makes no formula of %j, in any column',
    (text) => {
      const inLine = text.replace('\n', '');
      const file = exported(sourceOf(withEvent(inLine, inLine, text)), csv).toString();
      const cells = [...file.slice(file.indexOf('\r\n') + 2).matchAll(/(?:^|,)("(?:[^"]|"")*"|[^,\r\n]*)/g)];
      const [, , , , type, id, , data] = cells.map(([, cell = '']) =>
        cell.replace(/^"|"$/g, '').replaceAll('""', '"'),
      );
      expect([type, id, data]).toEqual([`'${inLine}`, `'${inLine}`, `'${text}`]);
    },
  );
});
