import { TokenBroker } from '../../src/auth/tokenBroker.ts';
import type { Clock } from '../../src/base/clock.ts';
import { MemoryCookieJar } from '../../src/node/cookieJar.ts';
import { readTextFile } from '../../src/node/files.ts';
import type { SessionPorts } from '../../src/session/session.ts';
import type { SourcePorts } from '../../src/session/tokenSources.ts';
import { FakeClock } from './fakeClock.ts';

/** Sources that have nothing around them: no program runs, no server is asked, nobody signs in. */
export function sourceEdges(clock: Clock = new FakeClock()): SourcePorts {
  return {
    broker: new TokenBroker({ clock, random: () => 0 }),
    ask: async () => {
      throw new Error('No server is to be asked.');
    },
    commands: {
      run: async () => {
        throw new Error('No program is to be run.');
      },
    },
    authentication: { accessToken: async () => undefined },
    browser: {
      visit: async () => {
        throw new Error('Nobody signs in.');
      },
    },
    grants: { read: async () => undefined, write: async () => {} },
    writeSecret: async () => {},
    mask: () => {},
  };
}

/** What a session needs of its surroundings, where everything is allowed and no variable is set. */
export function sessionEdges() {
  return {
    variables: { env: () => undefined, secret: async () => undefined },
    approvals: { approve: async () => true, isApproved: () => true },
    files: { readText: readTextFile },
    newCookieJar: () => new MemoryCookieJar(),
    verifiesCertificates: () => true,
    sources: sourceEdges(),
    sentenceOf: (error) => `${error.code} ${JSON.stringify(error.facts)}`,
    assertAllowed: () => {},
  } satisfies Partial<SessionPorts>;
}
