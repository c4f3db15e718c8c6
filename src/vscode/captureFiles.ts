// Captures in files: read into a capture piece by piece, written piece by piece, whatever their size. Local files
// stream; those of other file systems go through VS Code in one.
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import * as vscode from 'vscode';
import { AppError, errorText } from '../base/errors.ts';
import type { Capture } from '../capture/capture.ts';
import type { ReadResult } from '../capture/formats/captureFile.ts';
import { detectFormat, newReader } from '../capture/formats/detectFormat.ts';
import type { Piece } from '../capture/formats/source.ts';

const pieceBytes = 256 * 1024;
/** What is larger is read in one only where it streams. */
const mostInOne = 256 * 1024 * 1024;

type Report = (share: number) => void;

/**
 * Reads a capture's file as far as it goes; `share` of what is reported is from 0 to 1. Rejects with AppError
 * `capture.unreadable`, `capture.tooLarge`, or `capture.unknown` for what is no capture. Undefined where it was cancelled.
 */
export async function readCaptureFile(
  uri: vscode.Uri,
  capture: Capture,
  token: vscode.CancellationToken,
  report: Report = () => {},
): Promise<ReadResult | undefined> {
  const path = basename(uri.path);
  let reader: ReturnType<typeof newReader> | undefined;
  try {
    for await (const { bytes, share } of piecesOf(uri)) {
      if (token.isCancellationRequested) return undefined;
      if (!reader) {
        const format = detectFormat(path, bytes);
        if (!format) throw new AppError('capture.unknown', { path });
        reader = newReader(format, capture);
      }
      if (!reader.push(bytes)) break;
      report(share);
      await setImmediate();
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('capture.unreadable', { path, reason: errorText(error) }, { cause: error });
  }
  const result = (reader ?? newReader('sse', capture)).end();
  const { reason, byte = 0 } = result.problem ?? {};
  if (reason === 'fileTooLarge')
    throw new AppError('capture.tooLarge', { path, megabytes: byte / 1024 ** 2 });
  return result;
}

async function* piecesOf(uri: vscode.Uri): AsyncGenerator<{ bytes: Uint8Array; share: number }> {
  if (uri.scheme !== 'file') {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > mostInOne) throw new Error('it is too large to be read from there');
    const whole = await vscode.workspace.fs.readFile(uri);
    for (let at = 0; at < whole.length; at += pieceBytes)
      yield { bytes: whole.subarray(at, at + pieceBytes), share: at / whole.length };
    return;
  }
  const file = await open(uri.fsPath, 'r');
  try {
    const { size } = await file.stat();
    let read = 0;
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(pieceBytes), 0, pieceBytes);
      if (bytesRead === 0) return;
      read += bytesRead;
      yield { bytes: buffer.subarray(0, bytesRead), share: Math.min(1, read / size) };
    }
  } finally {
    await file.close();
  }
}

/**
 * Writes the pieces of a file. Rejects with AppError `capture.unwritable`: what was written is whole up to its last
 * piece. Returns whether it came to the end: where it was cancelled, the file is gone.
 */
export async function writeCaptureFile(
  uri: vscode.Uri,
  pieces: Iterable<Piece>,
  token: vscode.CancellationToken,
  report: (records: number) => void = () => {},
): Promise<boolean> {
  const target = uri.scheme === 'file' ? await localTarget(uri) : remoteTarget(uri);
  let records = 0;
  try {
    for (const piece of pieces) {
      if (token.isCancellationRequested) {
        await target.close();
        await vscode.workspace.fs.delete(uri);
        return false;
      }
      await target.write(piece.bytes);
      records = piece.records;
      report(records);
      await setImmediate();
    }
    await target.close();
    return true;
  } catch (error) {
    await target.close().catch(() => {});
    throw unwritable(uri, records, error);
  }
}

interface Target {
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

async function localTarget(uri: vscode.Uri): Promise<Target> {
  let file: FileHandle;
  try {
    file = await open(uri.fsPath, 'w');
  } catch (error) {
    throw unwritable(uri, 0, error);
  }
  let whole = 0;
  return {
    async write(bytes) {
      try {
        await file.writeFile(bytes);
        whole += bytes.length;
      } catch (error) {
        // Half a piece may have gone before the disk was full.
        await file.truncate(whole).catch(() => {});
        throw error;
      }
    },
    close: () => file.close(),
  };
}

function remoteTarget(uri: vscode.Uri): Target {
  const parts: Uint8Array[] = [];
  return {
    async write(bytes) {
      parts.push(bytes);
    },
    async close() {
      if (parts.length > 0) await vscode.workspace.fs.writeFile(uri, Buffer.concat(parts.splice(0)));
    },
  };
}

function unwritable(uri: vscode.Uri, records: number, error: unknown): AppError {
  const facts = { path: basename(uri.path), records, reason: errorText(error) };
  return new AppError('capture.unwritable', facts, { cause: error });
}
