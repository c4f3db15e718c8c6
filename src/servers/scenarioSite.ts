import * as v from 'valibot';
import type { Approvals } from '../auth/approvals.ts';
import { toDisposable } from '../base/disposables.ts';
import {
  type ConnectionInput,
  type ConnectionSettings,
  completeSettings,
  connectionSchema,
} from '../config/connectionSettings.ts';
import type { SampleServerSetup } from '../lab/scenarioServer.ts';
import { tokenApproval } from '../session/tokenSources.ts';
import { type SampleServer, startSampleServer } from './sampleServer.ts';

export interface ScenarioSite {
  server: SampleServer;
  /** A connection to it, which has its tokens from it. */
  connection: ConnectionSettings;
  /** Resolves when its port is free. */
  dispose(): Promise<void>;
}

/**
 * Starts a sample server for one scenario, on a free port.
 * @param name the connection's
 */
export async function startScenarioSite(
  setup: SampleServerSetup,
  name: string,
  approvals: Pick<Approvals, 'allow'>,
): Promise<ScenarioSite> {
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
  const connection = completeSettings(v.parse(connectionSchema, input));
  const source = tokenApproval(connection);
  const allowed = authentication && source ? approvals.allow(server.url, [source]) : toDisposable(() => {});
  return {
    server,
    connection,
    async dispose() {
      allowed.dispose();
      await server.dispose();
    },
  };
}
