import * as v from 'valibot';
import {
  type ConnectionInput,
  type ConnectionSettings,
  completeSettings,
  connectionSchema,
} from '../config/connectionSettings.ts';
import type { SampleServerSetup } from '../lab/scenarioServer.ts';
import { type SampleServer, startSampleServer } from './sampleServer.ts';

export interface ScenarioSite {
  server: SampleServer;
  /** A connection to it, which has its tokens from it. */
  connection: ConnectionSettings;
}

/**
 * Starts a sample server for one scenario, on a free port.
 * @param name the connection's
 */
export async function startScenarioSite(setup: SampleServerSetup, name: string): Promise<ScenarioSite> {
  const { authentication, intervalMs, breaker, topic, placement, policy, refreshAhead } = setup;
  const server = await startSampleServer({ authentication, intervalMs, breaker });
  server.setTokenLifetime(setup.tokenLifetimeSeconds);
  const token = {
    from: 'endpoint' as const,
    url: server.tokenUrl,
    ...(refreshAhead ? {} : { refresh: false as const }),
  };
  const input: ConnectionInput = {
    name,
    url: `${server.url}/events/${topic}`,
    policy,
    auth: authentication ? { placement, token } : { placement: 'none' },
  };
  // Both ends are ours, and the user asked for them: there is nothing to be asked about.
  const connection = completeSettings(v.parse(connectionSchema, input), {
    scope: 'user',
    resolvePath: (path) => path,
  });
  return { server, connection };
}
