import * as v from 'valibot';
import type * as vscode from 'vscode';
import {
  type ConnectionInput,
  type ConnectionSettings,
  completeSettings,
  connectionSchema,
} from '../config/connectionSettings.ts';
import { openedIn } from './settings.ts';

const key = 'recentConnections';
const most = 10;

/** Connections that were opened by URL, newest first, without any credential. Also what is live, for a reload. */
export class Recents {
  readonly #context: vscode.ExtensionContext;

  constructor(context: vscode.ExtensionContext) {
    this.#context = context;
  }

  get all(): ConnectionSettings[] {
    const stored = this.#context.globalState.get<unknown>(key);
    if (!Array.isArray(stored)) return [];
    return stored.flatMap((entry) => {
      const parsed = v.safeParse(connectionSchema, entry);
      return parsed.success ? [completeSettings(parsed.output, openedIn)] : [];
    });
  }

  async add(connection: ConnectionInput): Promise<void> {
    const stored = this.#context.globalState.get<unknown>(key);
    const others = (Array.isArray(stored) ? (stored as ConnectionInput[]) : []).filter(
      ({ name }) => name !== connection.name,
    );
    await this.#context.globalState.update(key, [connection, ...others].slice(0, most));
  }
}
