import type { ConnectionInput, ConnectionSettings } from '../../../../src/config/connectionSettings.ts';
import { readConnections } from '../../../../src/config/readConnections.ts';

/** Settings as they are read from settings.json. */
export function settingsOf(input: Partial<ConnectionInput> & { url: string }): ConnectionSettings {
  const value = [{ name: 'c', ...input }];
  const { connections, problems } = readConnections([{ scope: 'user', value, resolvePath: (path) => path }]);
  const [settings] = connections;
  if (!settings) throw new Error(problems[0]?.text);
  return settings;
}
