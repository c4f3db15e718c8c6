// A capture source as a panel without a filter sees it.
import type { Row, Snapshot } from '../../src/panelApi/protocol.ts';
import { RecordList } from '../../src/panelApi/recordList.ts';
import { snapshotOf as snapshot } from '../../src/panelApi/view.ts';
import type { CaptureSource } from '../../src/session/captureSource.ts';
import { matcherInProcess } from './matcherInProcess.ts';

function listOf(source: CaptureSource): RecordList {
  return new RecordList(source, {
    matcher: matcherInProcess(),
    pause: async () => {},
    monotonic: () => performance.now(),
  });
}

export function rowsOf(source: CaptureSource, from: number, to: number): Row[] {
  const list = listOf(source);
  return list.rows(list.view.id, from, to)?.rows ?? [];
}

export function snapshotOf(source: CaptureSource, now: number, url: string): Snapshot {
  return snapshot(source, listOf(source).view, now, url);
}
