import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../base/disposables.ts';
import { lastEventIdOf } from '../session/lastEventIdOf.ts';
import type { Session } from '../session/session.ts';
import type { Services } from './services.ts';

const key = 'activeConnections';

/**
 * After a window reload the panels that were open return, and with them the connections that were live. Kept in
 * the workspace's state: names, nothing else.
 */
export function resumeAfterReload(services: Services): Disposable {
  const { context, sessions, recents, tokens, panels, keeping, log } = services;
  const store = new DisposableStore();
  const wasActive = new Set(context.workspaceState.get<string[]>(key, []));
  let stored = JSON.stringify([...wasActive]);

  store.add(
    sessions.onDidChange(() => {
      const names = sessions.all.filter(({ isActive }) => isActive).map(({ name }) => name);
      if (JSON.stringify(names) === stored) return;
      stored = JSON.stringify(names);
      context.workspaceState
        .update(key, names)
        .then(undefined, (error) => log.error('Storing state failed', error));
    }),
  );

  const reconnect = async (session: Session): Promise<void> => {
    if (!vscode.workspace.isTrusted) return;
    // Asks nothing: without its token the connection waits for the user.
    if (session.asksForToken && !(await tokens.read(session.name, session.origin))) return;
    // The user was faster: what they did holds.
    if (session.state.kind !== 'idle') return;
    session.connect(lastEventIdOf(session.capture) || undefined);
  };
  panels.restoreWith((name) => {
    const recent = recents.all.find((settings) => settings.name === name);
    const session = sessions.find(name) ?? (recent ? sessions.open(recent) : undefined);
    if (!session) return undefined;
    sessions.select(session);
    const back = keeping.restore(session).catch((error) => log.error('Restoring a capture failed', error));
    Promise.all([back, session.readToken()]).then(
      () => (wasActive.has(name) ? reconnect(session) : undefined),
      (error) => log.error('Reading a token failed', error),
    );
    return session;
  });
  return store;
}
