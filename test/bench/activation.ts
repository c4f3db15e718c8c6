// How long the built extension takes to load and to activate, in a process of its own with a stand-in for the
// vscode module: what is ours of the activation time, without the host around it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Measure } from './measure.ts';

const rounds = 7;
const root = join(import.meta.dirname, '../..');

const script = `
const Module = require('node:module');
const nothing = () => {};
// Anything of the API: callable, constructible, with every property, itself a disposable.
const anything = () => new Proxy(function () {}, {
  get: (_, key) => {
    if (key === Symbol.toPrimitive) return () => '';
    if (key === Symbol.iterator) return function* () {};
    if (key === 'then') return undefined;
    if (key === 'dispose') return nothing;
    return anything();
  },
  set: () => true,
  apply: () => anything(),
  construct: () => anything(),
});
class EventEmitter { event = () => ({ dispose: nothing }); fire() {} dispose() {} }
class Item { constructor(label) { this.label = label; } }
const configuration = { inspect: () => undefined, get: (_, value) => value, update: async () => {} };
const workspace = new Proxy({ isTrusted: true, workspaceFolders: [], getConfiguration: () => configuration }, {
  get: (target, key) => key in target ? target[key] : anything(),
});
// As a prototype: the bundle copies own properties and inherits the rest.
const vscode = Object.create(new Proxy({ workspace, EventEmitter, TreeItem: Item, ThemeIcon: Item, l10n: { t: (text) => text } }, {
  get: (target, key) => key in target ? target[key] : anything(),
}));
const load = Module._load;
Module._load = (name, ...rest) => name === 'vscode' ? vscode : load(name, ...rest);
const state = { get: (_, value) => value, update: async () => {}, keys: () => [] };
const secrets = { get: async () => undefined, store: async () => {}, delete: async () => {}, onDidChange: () => ({ dispose: nothing }) };
const context = { subscriptions: [], workspaceState: state, globalState: state, secrets, extensionUri: anything(), extension: anything(), extensionMode: 1 };
const start = performance.now();
const { activate } = require(process.argv[1]);
activate(context);
const took = performance.now() - start;
if (context.subscriptions.length === 0) throw new Error('Nothing was activated.');
process.stdout.write(String(took), () => process.exit());
`;

/** Needs a production build in dist/. */
export function measureActivation(): Measure[] {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ['-e', script, join(root, 'dist/extension.cjs')],
      { encoding: 'utf8', timeout: 10_000 },
    );
    if (status !== 0) throw new Error(`Activation failed: ${stderr.slice(-800)}`);
    times.push(Number(stdout));
  }
  const value = Math.round((times.toSorted((a, b) => a - b)[rounds >> 1] ?? Number.NaN) * 10) / 10;
  return [{ name: 'activation, stubbed host', value, unit: 'ms', better: 'lower', goal: 50 }];
}
