// One stream of the service: a session as the extension makes it, with all that it records reported as it comes.
import type * as http from 'node:http';
import type { Disposable } from '../../src/base/disposables.ts';
import type { CaptureRecord } from '../../src/capture/records.ts';
import { causeText, closeText, describeStep } from '../../src/session/describe.ts';
import { Session, type SessionPorts } from '../../src/session/session.ts';
import { decodeBlock } from '../../src/sse/decoder.ts';
import type { ConnectionState } from '../../src/sse/steps.ts';
import { Callbacks } from './callbacks.ts';
import type { CreateRequest } from './createRequest.ts';

export class ContractStream implements Disposable {
  readonly #session: Session;
  readonly #callbacks: Callbacks;
  readonly #states: boolean;
  #state: ConnectionState;
  /** What happened last, in a sentence: why it waits now, or is closed. */
  #lastStep = '';

  constructor(request: CreateRequest, ports: SessionPorts, agent: http.Agent) {
    this.#callbacks = new Callbacks(request.callbackUrl, agent);
    this.#states = request.states;
    this.#session = new Session(request.settings, ports);
    this.#state = this.#session.state;
    this.#listen();
  }

  connect(): void {
    this.#session.connect();
  }

  restart(): void {
    this.#session.forceReconnect();
  }

  /** Ends it without another word to the callback URL. */
  dispose(): void {
    this.#callbacks.dispose();
    this.#session.dispose();
  }

  // What the capture is given is what the user sees, in order; a capture tells nobody, so it is listened to here.
  #listen(): void {
    const { capture } = this.#session;
    const keep = {
      events: capture.addEvents.bind(capture),
      comment: capture.addComment.bind(capture),
      step: capture.addStep.bind(capture),
    };
    capture.addEvents = (...batch) => {
      const from = capture.next;
      keep.events(...batch);
      for (let position = from; position < capture.next; position++) this.#reportEvent(capture.at(position));
    };
    capture.addComment = (...record) => {
      keep.comment(...record);
      this.#callbacks.send({ kind: 'comment', comment: record[2] });
    };
    capture.addStep = (...record) => {
      keep.step(...record);
      const [, attempt, step] = record;
      if (step.step === 'answer' || step.step === 'ended') this.#lastStep = describeStep(step, attempt).text;
      if (step.step === 'dropped') this.#error(describeStep(step, attempt).text);
    };
    this.#session.onDidChange(() => {
      if (this.#session.state === this.#state) return;
      this.#state = this.#session.state;
      this.#changed(this.#state);
    });
  }

  #reportEvent(record: CaptureRecord | undefined): void {
    if (record?.kind !== 'event') return;
    const decoded = decodeBlock(record.block);
    const type = record.type || (decoded?.type ?? '');
    const id = decoded?.ownId ?? record.inheritedId ?? '';
    this.#callbacks.send({ kind: 'event', event: { type, data: decoded?.data ?? '', id } });
  }

  #changed(state: ConnectionState): void {
    switch (state.kind) {
      case 'idle':
        break;
      case 'connecting':
      case 'open':
        this.#report(state.kind);
        break;
      case 'waiting':
        this.#error(this.#lastStep);
        this.#report('waiting', causeText(state.cause), state.until - state.since);
        break;
      case 'needsToken':
        // Nobody will give one here, so nothing will happen any more: closed.
        this.#error(this.#lastStep);
        this.#report('closed', state.explanation);
        break;
      case 'closed':
        this.#error(closeText(state.reason));
        this.#report('closed', closeText(state.reason));
        break;
    }
  }

  #error(text: string): void {
    this.#callbacks.send({ kind: 'error', comment: text, error: text });
  }

  #report(state: 'connecting' | 'open' | 'waiting' | 'closed', cause = '', delayMs = 0): void {
    if (this.#states) this.#callbacks.send({ kind: 'state', state, cause, delayMs });
  }
}
