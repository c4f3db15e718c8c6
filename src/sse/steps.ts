// What is told of a connection's life: where it is, and the steps that its capture keeps.
import type { Oddity } from './oddities.ts';
import type { AttemptEnd, CloseReason, WaitCause } from './policies.ts';
import type { SentRequest } from './sentRequest.ts';
import type { ResponseHead } from './transport.ts';

/** Where a connection is. Times are epoch milliseconds. */
export type ConnectionState =
  | { kind: 'idle' }
  | { kind: 'connecting'; since: number }
  | { kind: 'open'; since: number }
  | { kind: 'waiting'; since: number; until: number; cause: WaitCause }
  /** Nothing happens before the user gives a token. `explanation` says why the last one won't do. */
  | { kind: 'needsToken'; since: number; explanation: string }
  | { kind: 'closed'; since: number; reason: CloseReason };

/** Why an attempt was made. */
export type AttemptCause = 'connect' | 'forced' | 'retry' | 'token';

export type RefreshResult =
  | { kind: 'refreshed'; step: Step & { step: 'tokenRefreshed' } }
  /** The source has no other token. `canAsk`: the user can give one. */
  | { kind: 'unchanged'; canAsk: boolean }
  /** `retryMs` where it may work later. */
  | { kind: 'failed'; source: string; reason: string; retryMs?: number };

/** Why a token was replaced: a 401, its end, the user, or another connection that shares its source. */
export type RefreshCause = 'refused' | 'ahead' | 'asked' | 'shared';

/** What of a token may be told when it is replaced. Times are epoch milliseconds. */
export interface TokenFacts {
  exp?: number;
  jti?: string;
}

/**
 * A lifecycle step as it is kept in the capture. Headers and texts are cleaned before they are recorded. What ends
 * the wait for an answer has the `request` as it was sent.
 */
export type Step =
  /** `ms` from the start of the attempt to the head; `lastEventId` as it was sent, empty for none. */
  | {
      step: 'open';
      head: ResponseHead;
      cause: AttemptCause;
      ms: number;
      lastEventId: string;
      redirects: number;
      request?: SentRequest;
    }
  /** A redirect that is followed. URLs are masked. */
  | {
      step: 'redirect';
      head: ResponseHead;
      from: string;
      to: string;
      browser: Verdict;
      request?: SentRequest;
    }
  | {
      step: 'answer';
      head: ResponseHead;
      body: string;
      browser: Verdict;
      explanation?: string;
      request?: SentRequest;
    }
  /** It has the request only where no answer came before. */
  | {
      step: 'ended';
      end: AttemptEnd;
      wasOpen: boolean;
      openMs: number;
      browser: Verdict;
      request?: SentRequest;
    }
  | { step: 'waiting'; until: number; ms: number; cause: WaitCause }
  | { step: 'needsToken'; explanation: string }
  /** `claims`: the names of those that changed. `source` in a word: "endpoint". `ms`: how long it took. */
  | {
      step: 'tokenRefreshed';
      source: string;
      cause: RefreshCause;
      ms: number;
      before: TokenFacts;
      after: TokenFacts;
      claims: readonly string[];
    }
  /** `attempt`: there was no token to make the attempt with. */
  | { step: 'tokenRefreshFailed'; source: string; cause: RefreshCause | 'attempt'; reason: string }
  /** `from`: the Last-Event-ID that the user chose. */
  | { step: 'forced'; from?: string }
  /** Nothing came for far longer than ever before. The stream is left as it is. */
  | { step: 'silence'; ms: number; longestGapMs: number }
  /** The last event id holds what HTTP can't carry: the request goes without. Once for each id. */
  | { step: 'idNotSent'; id: string }
  /** `at`: where in the body, in bytes, the block begins that it stands in. */
  | { step: 'oddity'; oddity: Oddity; at: number }
  | { step: 'closed'; reason: CloseReason };

/** What a browser's EventSource would have done at this point. */
export type Verdict =
  | { do: 'open' }
  | { do: 'follow' }
  | { do: 'stay' }
  | { do: 'reconnect'; ms: number }
  | { do: 'stop' };
