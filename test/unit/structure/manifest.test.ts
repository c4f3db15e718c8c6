import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configurationContribution, scenarioJsonSchema } from '../../../scripts/schema.ts';
import { commands, contextKeys, panelType, settings, submenus, views } from '../../../src/vscode/ids.ts';

const root = dirname(dirname(dirname(import.meta.dirname)));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { contributes } = manifest;
const ours = `${settings.section}.`;

interface MenuItem {
  command?: string;
  submenu?: string;
  when?: string;
}
const menuItems: MenuItem[] = Object.values<MenuItem[]>(contributes.menus).flat();

/** "Set Token..." -> "setToken" */
function camelCase(title: string): string {
  const words = title
    .replace(/[^A-Za-z0-9 ]/g, '')
    .split(' ')
    .filter((word) => word !== '');
  return words
    .map((word, i) => (i === 0 ? word.toLowerCase() : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('');
}

/** Every name of ours in a `when` clause, a command link or a list. */
function namesIn(value: unknown): string[] {
  return JSON.stringify(value).match(/\bsseDebugger(?:\.\w+)*/g) ?? [];
}

describe('package.json', () => {
  it('has every command that the code registers, and no other', () => {
    const contributed = contributes.commands.map(({ command }: { command: string }) => command);
    expect(contributed.toSorted()).toEqual(Object.values<string>(commands).toSorted());
  });

  it('names each command after its title, in one category', () => {
    for (const { command, title, category, icon } of contributes.commands) {
      expect(command).toBe(ours + camelCase(title));
      expect(category).toBe('SSE Debugger');
      expect(icon).toMatch(/^\$\([a-z-]+\)$/);
    }
    for (const [key, id] of Object.entries(commands)) expect(id).toBe(ours + key);
  });

  it('has every view, in the container of ours', () => {
    const { container, ...ids } = views;
    expect(contributes.viewsContainers.activitybar.map(({ id }: { id: string }) => id)).toEqual([container]);
    expect(Object.keys(contributes.views)).toEqual([container]);
    expect(contributes.views[container].map(({ id }: { id: string }) => id).toSorted()).toEqual(
      Object.values<string>(ids).toSorted(),
    );
  });

  it('has every setting as the code checks it', () => {
    expect(contributes.configuration).toEqual(JSON.parse(JSON.stringify(configurationContribution())));
    const { section, ...ids } = settings;
    expect(Object.keys(contributes.configuration.properties).toSorted()).toEqual(
      Object.values<string>(ids).toSorted(),
    );
    for (const id of Object.values(ids)) expect(id.startsWith(`${section}.`)).toBe(true);
  });

  it('has the schema of scenarios as the code checks them', () => {
    expect(contributes.jsonValidation).toEqual([
      { fileMatch: '*.sse-scenario.json', url: './scenarios/scenario.schema.json' },
    ]);
    const stored = JSON.parse(readFileSync(join(root, 'scenarios/scenario.schema.json'), 'utf8'));
    expect(stored).toEqual(JSON.parse(JSON.stringify(scenarioJsonSchema())));
  });

  it('wakes the extension for its panel', () => {
    expect(manifest.activationEvents).toContain(`onWebviewPanel:${panelType}`);
  });

  it('uses in menus and welcome texts only names that there are', () => {
    const known = new Set<string>([
      ...Object.values(commands),
      ...Object.values(views),
      ...Object.values(settings),
      ...Object.values(contextKeys),
      ...Object.values(submenus),
    ]);
    const used = [
      ...namesIn(contributes.menus),
      ...namesIn(contributes.viewsWelcome),
      ...namesIn(contributes.keybindings ?? []),
    ];
    expect(used.length).toBeGreaterThan(20);
    expect([...new Set(used)].filter((name) => !known.has(name))).toEqual([]);
    const targets = [...Object.values<string>(commands), ...Object.values<string>(submenus)];
    for (const { command, submenu } of menuItems) expect(targets).toContain(command ?? submenu);
  });

  it('has every submenu, somewhere and with something in it', () => {
    const ids = Object.values<string>(submenus);
    expect(contributes.submenus.map(({ id }: { id: string }) => id)).toEqual(ids);
    for (const id of ids) {
      expect(menuItems.map(({ submenu }) => submenu)).toContain(id);
      expect(contributes.menus[id].length).toBeGreaterThan(1);
    }
  });

  it('uses every context key that the code sets', () => {
    const used = new Set(namesIn([contributes.menus, contributes.viewsWelcome]));
    for (const key of Object.values(contextKeys)) expect(used).toContain(key);
  });

  it('keeps what a workspace says from an untrusted one, and stays active there', () => {
    const { untrustedWorkspaces } = manifest.capabilities;
    expect(untrustedWorkspaces.supported).toBe('limited');
    expect(untrustedWorkspaces.description).not.toBe('');
    expect(untrustedWorkspaces.restrictedConfigurations).toEqual(
      Object.keys(contributes.configuration.properties),
    );
  });

  it('points at pictures that there are', () => {
    const pictures = JSON.stringify(manifest).match(/media\/icons\/[\w-]+\.\w+/g) ?? [];
    expect(pictures.length).toBeGreaterThan(1);
    for (const picture of pictures) expect(existsSync(join(root, picture)), picture).toBe(true);
  });

  it('asks for the VS Code whose API the types describe', () => {
    expect(manifest.engines.vscode).toBe(`^${manifest.devDependencies['@types/vscode']}`);
  });
});
