// What a capture holds, kept on disk while the window lives, so that it is there again after a reload: NDJSON without
// its end, credentials masked. Two files for each capture, of which the older goes when the newer is full.
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';
import { type Disposable, toDisposable } from '../base/disposables.ts';
import type { Capture } from '../capture/capture.ts';
import { ndjsonHeader, ndjsonRecords } from '../capture/formats/ndjson.ts';
import { NdjsonReader } from '../capture/formats/ndjsonReader.ts';
import { type ExportSource, exportPieces, type Progress } from '../capture/formats/source.ts';
import type { CaptureSource } from '../session/captureSource.ts';

/** What has come since is written so often, in milliseconds. */
const flushMs = 1_000;
/** Of each of a capture's two files. */
const maxFileBytes = 32 * 1024 * 1024;
/** Of all files, those of this window included, when a window opens. */
const maxFolderBytes = 256 * 1024 * 1024;
const maxAgeMs = 7 * 24 * 3600 * 1_000;
const readBytes = 256 * 1024;

export type Spooled = Pick<CaptureSource, 'name' | 'captureId' | 'capture' | 'settings' | 'hasTimes'>;

export interface SpoolPorts {
  clock: Clock;
  /** What a file says of where its records are from; read when the file is begun. */
  source(of: Spooled): Omit<ExportSource, 'capture' | 'from' | 'to'>;
  /** Spooling that fails ends; the capture itself is not concerned. */
  onError(error: unknown): void;
}

/** The spools of a workspace, in a folder of its own. */
export class CaptureSpools implements Disposable {
  readonly #folder: string;
  readonly #ports: SpoolPorts;
  readonly #spools = new Set<Spool>();

  constructor(folder: string, ports: SpoolPorts) {
    this.#folder = folder;
    this.#ports = ports;
  }

  /** Writes down what the capture gets from now on, until the result is disposed. */
  follow(spooled: Spooled): Disposable {
    const spool = new Spool(this.#folder, spooled, this.#ports);
    this.#spools.add(spool);
    return toDisposable(() => {
      this.#spools.delete(spool);
      spool.dispose();
    });
  }

  /**
   * Fills an empty capture with what an earlier window kept for a connection. Returns that capture's id; undefined
   * where there is nothing.
   */
  async restore(name: string, capture: Capture): Promise<string | undefined> {
    const own = await this.#files(name);
    const captureId = own.at(-1)?.captureId;
    for (const { path } of own.filter((file) => file.captureId === captureId)) await readInto(path, capture);
    return capture.next > capture.first ? captureId : undefined;
  }

  /** Removes what is too old or too much, oldest first. */
  async tidy(now: number): Promise<void> {
    const files = await this.#files();
    let total = 0;
    for (const { path, bytes, changedAt } of files.reverse()) {
      total += bytes;
      if (total > maxFolderBytes || now - changedAt > maxAgeMs) await rm(path, { force: true });
    }
  }

  /** Removes all files: nothing is to be kept. */
  clear(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  dispose(): void {
    for (const spool of this.#spools) spool.dispose();
    this.#spools.clear();
  }

  /** The files of a connection, or all, oldest first. */
  async #files(name?: string): Promise<SpoolFile[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const files: SpoolFile[] = [];
    for (const file of names) {
      const [, of, captureId = ''] = /^([0-9a-f]{16})\.([0-9a-z]{1,16})\.[01]\.ndjson$/.exec(file) ?? [];
      if (of === undefined || (name !== undefined && of !== hashOf(name))) continue;
      const path = join(this.#folder, file);
      const stats = await stat(path).catch(() => undefined);
      if (stats) files.push({ path, captureId, bytes: stats.size, changedAt: stats.mtimeMs });
    }
    return files.sort((a, b) => a.changedAt - b.changedAt || (a.path < b.path ? -1 : 1));
  }
}

interface SpoolFile {
  path: string;
  captureId: string;
  bytes: number;
  /** Epoch milliseconds. */
  changedAt: number;
}

/** Bytes of the records at [first, next). */
interface SpoolPiece {
  bytes: Uint8Array;
  first: number;
  next: number;
}

class Spool implements Disposable {
  readonly #folder: string;
  readonly #spooled: Spooled;
  readonly #ports: SpoolPorts;
  #file: number | undefined;
  #bytes = 0;
  /** The position of the first record that isn't written. */
  #next: number;
  /** What the user had cleared when it was last looked at. */
  #cleared: number;
  #timer: Disposable | undefined;
  #over = false;

  constructor(folder: string, spooled: Spooled, ports: SpoolPorts) {
    this.#folder = folder;
    this.#spooled = spooled;
    this.#ports = ports;
    this.#next = spooled.capture.first;
    this.#cleared = spooled.capture.cleared;
    this.#schedule();
  }

  /** What came since is written at once: the window may be about to go. */
  dispose(): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer?.dispose();
    try {
      for (const piece of this.#pieces()) this.#write(piece);
    } catch (error) {
      this.#ports.onError(error);
    }
    if (this.#file !== undefined) closeSync(this.#file);
  }

  #schedule(): void {
    this.#timer = this.#ports.clock.after(flushMs, () => {
      this.#flush().then(
        () => {
          if (!this.#over) this.#schedule();
        },
        (error) => {
          this.#over = true;
          this.#ports.onError(error);
        },
      );
    });
  }

  /** In turns of 64 KiB: nobody else waits for long. */
  async #flush(): Promise<void> {
    for (const piece of this.#pieces()) {
      this.#write(piece);
      await setImmediate();
      if (this.#over) return;
    }
  }

  *#pieces(): Generator<SpoolPiece> {
    const { capture } = this.#spooled;
    if (capture.cleared > this.#cleared) this.#forget();
    if (capture.next === this.#next) return;
    const from = Math.max(this.#next, capture.first);
    const source = { ...this.#ports.source(this.#spooled), capture, from, to: capture.next };
    let first = from;
    for (const { bytes, records } of exportPieces(source, spoolLines)) {
      yield { bytes, first, next: from + records };
      first = from + records;
    }
  }

  #write({ bytes, first, next }: SpoolPiece): void {
    if (bytes.length > 0) {
      if (this.#file === undefined || this.#bytes + bytes.length > maxFileBytes) this.#begin(first);
      writeSync(this.#file as number, bytes);
      this.#bytes += bytes.length;
    }
    this.#next = next;
  }

  /** The user cleared the capture: what was kept of it goes, too. */
  #forget(): void {
    this.#cleared = this.#spooled.capture.cleared;
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    for (const number of [0, 1] as const) rmSync(this.#path(number), { force: true });
  }

  #path(number: 0 | 1): string {
    const { name, captureId } = this.#spooled;
    return join(this.#folder, `${hashOf(name)}.${captureId}.${number}.ndjson`);
  }

  /** Begins a file; the one before becomes the older one, and the older one goes. */
  #begin(first: number): void {
    if (this.#file === undefined) mkdirSync(this.#folder, { recursive: true });
    else {
      closeSync(this.#file);
      renameSync(this.#path(1), this.#path(0));
    }
    this.#file = openSync(this.#path(1), 'w', 0o600);
    const { capture } = this.#spooled;
    const header = ndjsonHeader({ ...this.#ports.source(this.#spooled), capture, from: first });
    this.#bytes = writeSync(this.#file, header);
  }
}

/** A line for each record, which is done with as soon as its line is there. */
function* spoolLines(source: ExportSource, progress: Progress): Generator<string, void> {
  const reached: Progress = { records: 0 };
  for (const line of ndjsonRecords(source, reached)) {
    progress.records = reached.records + 1;
    yield line;
  }
  progress.records = reached.records;
}

/** Up to where the file ends or is broken: it has no end of its own. */
async function readInto(path: string, capture: Capture): Promise<void> {
  const reader = new NdjsonReader(capture);
  const file = await open(path, 'r');
  try {
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(readBytes), 0, readBytes);
      if (bytesRead === 0 || !reader.push(buffer.subarray(0, bytesRead))) break;
    }
  } finally {
    await file.close();
  }
  reader.end();
}

/** A connection's name as a file's name. */
function hashOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 16);
}
