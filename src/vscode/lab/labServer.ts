import type { FaultTarget } from '../../lab/faultRegistry.ts';
import type { CaptureServer } from '../../servers/captureServer.ts';
import type { FaultProxy } from '../../servers/faultProxy.ts';
import type { SampleServer } from '../../servers/sampleServer.ts';

interface Run {
  readonly id: string;
  /** What it is about, in the user's words. */
  readonly name: string;
  /** What is put into an app. It may hold a path secret: it is the user's to copy, and for no label, message or log. */
  readonly url: string;
  /** Resolves when its port is free. */
  dispose(): Promise<void>;
}

export interface SampleRun extends Run {
  readonly kind: 'sample';
  readonly server: SampleServer;
  /** The scenario that it is there for; stopping the one cancels the other. */
  readonly scenario?: string;
}

export interface CaptureRun extends Run {
  readonly kind: 'capture';
  readonly server: CaptureServer;
  readonly loops: boolean;
}

export interface ProxyRun extends Run {
  readonly kind: 'proxy';
  readonly proxy: FaultProxy;
  readonly target: FaultTarget;
  /** The user's own credential is added to what clients send. */
  readonly addsCredential: boolean;
}

/** A server that runs in this window. */
export type LabServer = SampleRun | ProxyRun | CaptureRun;

/** "127.0.0.1:41234": where it listens, without its path. */
export function addressOf({ url }: Pick<Run, 'url'>): string {
  return new URL(url).host;
}

/** "Fault proxy of orders" */
export function titleOf({ kind, name }: LabServer): string {
  switch (kind) {
    case 'sample':
      return name;
    case 'proxy':
      return `Fault proxy of ${name}`;
    case 'capture':
      return `Capture of ${name}`;
  }
}

/** The one that Start Sample Server starts, none of a scenario's. */
export function isUsualSample(run: LabServer): boolean {
  return run.kind === 'sample' && run.scenario === undefined;
}

/** It sends an event when it is told to. */
export function isStepped(run: LabServer): boolean {
  return run.kind === 'capture' && run.server.speed === 'step';
}
