import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { expect } from 'vitest';
import { cacheFolder } from '../support/vscodeHost/installServer.ts';
import { until } from './until.ts';
import type { ThemeName, Workbench } from './workbench.ts';

/** What a user does with the extension, in the steps that several journeys share. */
export class Journey {
  readonly workbench: Workbench;

  constructor(workbench: Workbench) {
    this.workbench = workbench;
  }

  /** Connect... from the palette, the connection from the list, the token into the password box. */
  async connect(connection: string, token?: string): Promise<void> {
    const { workbench } = this;
    await workbench.ask('Connect...', 'Pick a connection');
    await workbench.pickRow(connection);
    if (token !== undefined) await this.giveToken(token);
  }

  async giveToken(token: string): Promise<void> {
    const { inputBox } = this.workbench;
    await until('the password box is there', () => inputBox.isPasswordBox());
    await inputBox.fill(token);
    await inputBox.accept();
    // The box closes once the extension has validated what it holds.
    await inputBox.input.waitFor({ state: 'hidden' });
  }

  /** The path into VS Code's own file dialog, which fills in one of its own when it has come up. */
  async giveFile(path: string): Promise<void> {
    const { inputBox } = this.workbench;
    const value = () => inputBox.input.inputValue({ timeout: 500 }).catch(() => '');
    await until('the file dialog asks for a path', async () => (await value()).includes('/'));
    await until(`the file dialog took ${path}`, async () => {
      const shown = await value();
      // It has closed, or what the command asks next is there already.
      if (!shown.includes('/')) return true;
      // What stays as it was typed for a moment isn't replaced any more.
      if (shown === path) await inputBox.accept().catch(() => undefined);
      else await inputBox.fill(path).catch(() => undefined);
      return false;
    });
  }

  /** A text into the input box that asks for it. */
  async giveText(prompt: string | RegExp, text: string): Promise<void> {
    const { inputBox } = this.workbench;
    await inputBox.waitFor(prompt);
    await inputBox.fill(text);
    await inputBox.accept();
  }

  /** Of the server that the message tells of: it was copied. */
  async serverUrl(message: RegExp): Promise<string> {
    const { workbench } = this;
    const told = await workbench.message(message);
    const [, port = ''] = /127\.0\.0\.1:(\d+)/.exec(await told.innerText()) ?? [];
    const url = await until(`the URL of port ${port} is copied`, async () => {
      const text = await workbench.page.evaluate(() => navigator.clipboard.readText());
      return text.startsWith(`http://127.0.0.1:${port}/`) ? text : undefined;
    });
    expect(await told.innerText()).not.toContain(new URL(url).pathname.split('/')[1]);
    await workbench.clearMessages();
    return url;
  }

  /** An action that a row shows under the pointer. Rows may move meanwhile: then it is gone from under the mouse. */
  async pressInRow(view: string, text: string | RegExp, action: string): Promise<void> {
    const row = this.treeRow(view, text);
    await until(`${action} is pressed`, async () => {
      await row.hover();
      return row
        .getByRole('button', { name: action })
        .click({ timeout: 1_000 })
        .then(
          () => true,
          () => false,
        );
    });
  }

  async panelPart(testId: string): Promise<Locator> {
    return (await this.workbench.eventsPanel()).getByTestId(testId);
  }

  async untilState(text: string | RegExp): Promise<void> {
    await (await this.panelPart('state')).filter({ hasText: text }).waitFor();
  }

  /** The texts of the rows of a kind that the panel shows. */
  async rows(kind: 'event' | 'step' | 'comment'): Promise<string[]> {
    const panel = await this.workbench.eventsPanel();
    const texts = await panel.locator(`[data-testid="row"][data-kind="${kind}"]`).allInnerTexts();
    return texts.map((text) => text.replace(/\s+/g, ' ').trim());
  }

  async untilRow(kind: 'event' | 'step', text: string | RegExp): Promise<void> {
    const panel = await this.workbench.eventsPanel();
    await panel
      .locator(`[data-testid="row"][data-kind="${kind}"]`)
      .filter({ hasText: text })
      .first()
      .waitFor();
  }

  /** The numeric ids of the event rows that the panel has at hand. */
  async eventIds(): Promise<number[]> {
    const panel = await this.workbench.eventsPanel();
    const texts = await panel.locator('[data-testid="row"][data-kind="event"] .id').allTextContents();
    return texts.map(Number).filter((id) => id > 0);
  }

  /** One row of a view's tree, once it contains the text. */
  treeRow(view: string, text: string | RegExp): Locator {
    return this.workbench.treeRows(view).filter({ hasText: text }).first();
  }

  async expectNoSecret(secret: string): Promise<void> {
    const panel = await this.workbench.eventsPanel();
    expect(await panel.content()).not.toContain(secret);
    expect(await this.workbench.page.content()).not.toContain(secret);
  }

  async expectNoSecretInWindow(secret: string): Promise<void> {
    expect(await this.workbench.page.content()).not.toContain(secret);
  }

  /** For people to look at: .vscode-test/screenshots/{name}.png */
  async picture(name: string): Promise<void> {
    await this.workbench.screenshot(join(cacheFolder, 'screenshots', `${name}.png`));
  }

  /** The same moment in each theme, in a wide and a narrow window. */
  async pictureAll(name: string): Promise<void> {
    const { page } = this.workbench;
    const wide = page.viewportSize() ?? { width: 1280, height: 800 };
    for (const [theme, suffix] of Object.entries(pictured)) {
      await this.workbench.setTheme(theme as ThemeName);
      await this.picture(`${name}-${suffix}`);
      await page.setViewportSize({ width: 760, height: 800 });
      await this.picture(`${name}-${suffix}-narrow`);
      await page.setViewportSize(wide);
    }
  }
}

/** The themes to look at, the usual one last. */
const pictured: Partial<Record<ThemeName, string>> = {
  'Light Modern': 'light',
  'Dark High Contrast': 'contrast',
  'Light High Contrast': 'contrast-light',
  'Dark Modern': 'dark',
};
