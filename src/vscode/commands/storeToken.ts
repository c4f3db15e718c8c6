import type { Services } from '../services.ts';

/** Keeps the token of a connection in SecretStorage; who gives it has said that it may go to the origin. */
export async function storeToken(
  { tokens, approvals, redactor }: Pick<Services, 'tokens' | 'approvals' | 'redactor'>,
  connection: string,
  origin: string,
  token: string,
): Promise<void> {
  redactor.add(token);
  await tokens.write(connection, origin, token);
  // Also once the settings of this workspace have the connection.
  await approvals.remember(origin, [{ kind: 'stored', name: connection }]);
}
