import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Frame, Locator, Page } from 'playwright-core';
import { until } from './until.ts';

/** The labels in the theme picker, and the class that the workbench has then. */
const themes = {
  'Dark Modern': 'vs-dark',
  'Light Modern': 'vs',
  'Dark High Contrast': 'hc-black',
  'Light High Contrast': 'hc-light',
} as const;

export type ThemeName = keyof typeof themes;

/** The VS Code window on a page, by what a user sees of it. The selectors are those of the pinned VS Code. */
export class Workbench {
  readonly page: Page;
  readonly inputBox: InputBox;

  constructor(page: Page) {
    this.page = page;
    this.inputBox = new InputBox(page);
  }

  async open(url: string): Promise<void> {
    await this.page.goto(url);
    await this.#ready();
  }

  /** Developer: Reload Window. (The browser's own reload may come before the window has stored what is open.) */
  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent('load', { timeout: 60_000 });
    await this.#pick('Developer: Reload Window');
    await loaded;
    await this.#ready();
  }

  /** Runs a command from the palette. The title is with or without its category: `Connect...`. */
  async runCommand(title: string): Promise<void> {
    await this.#pick(title);
    // What comes next may be a quick input of the command's own, in the same place.
    const palette = this.page.locator('.quick-input-widget:visible .quick-input-box input');
    await until(`the palette closes after ${title}`, async () => {
      if ((await palette.count()) === 0) return true;
      const value = await palette.inputValue({ timeout: 500 }).catch(() => '>');
      return !value.startsWith('>');
    });
  }

  /**
   * Runs a command that asks something first, until it does: what still goes on in the window may take the focus, and
   * a quick input that loses it is closed.
   */
  async ask(title: string, question: string | RegExp): Promise<void> {
    for (let tries = 1; ; tries++) {
      await this.runCommand(title);
      try {
        return await this.inputBox.waitFor(question, 10_000);
      } catch (error) {
        if (tries === 3) throw error;
      }
    }
  }

  async #pick(title: string): Promise<void> {
    const label = this.page.locator('.label-name', { hasText: new RegExp(`(^|: )${escapeRegExp(title)}$`) });
    const row = this.quickPickRows().filter({ has: label }).first();
    await until(`the palette has the command ${title}`, async () => {
      await this.page.keyboard.press('F1');
      // The palette lists the commands of the moment when it was opened, so a late one needs it opened again; and
      // what the command before still does may take the focus, which closes it.
      try {
        await this.inputBox.input.fill(`>${title}`, { timeout: 2_000 });
        await row.click({ timeout: 2_000 });
        return true;
      } catch {
        // Not where it is closed already: there Escape would hide a message.
        if ((await this.inputBox.input.count()) > 0) await this.inputBox.cancel();
        return false;
      }
    });
  }

  /** The rows of the open quick pick. */
  quickPickRows(): Locator {
    return this.page.locator('.quick-input-widget:visible .quick-input-list .monaco-list-row');
  }

  /** Picks the first row of the open quick pick that contains the text. */
  async pickRow(text: string | RegExp): Promise<void> {
    await this.quickPickRows().filter({ hasText: text }).first().click();
  }

  /** The icon of a view container in the activity bar. */
  activityIcon(title: string): Locator {
    return this.page.locator(`.activitybar a.action-label[aria-label^="${title}"]`);
  }

  /** Shows a view container. (A click on the icon of the one that is shown would close it.) */
  async showViewContainer(title: string): Promise<void> {
    const icon = this.activityIcon(title);
    await icon.waitFor();
    const isShown = await icon.evaluate((a) => a.closest('.action-item')?.classList.contains('checked'));
    if (!isShown) await icon.click();
    await this.page.locator('.sidebar .composite.title', { hasText: new RegExp(title, 'i') }).waitFor();
  }

  /** A view of the shown container, from its header down. */
  view(name: string): Locator {
    return this.page.locator('.pane', { has: this.page.locator(`.pane-header[aria-label^="${name}"]`) });
  }

  /** The rows of a view's tree that are shown. */
  treeRows(view: string): Locator {
    return this.view(view).getByRole('treeitem');
  }

  /** The texts of a view's rows, label and description in one. */
  async treeTexts(view: string): Promise<string[]> {
    const rows = this.treeRows(view);
    return (await rows.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());
  }

  /** The items of the status bar that contain the text. */
  statusBarItem(text: string | RegExp): Locator {
    return this.page.locator('.statusbar-item', { hasText: text });
  }

  async statusBarText(): Promise<string> {
    const items = await this.page.locator('.part.statusbar .statusbar-item').allInnerTexts();
    return items.map((text) => text.replace(/\s+/g, ' ').trim()).join(' | ');
  }

  /** A message with its buttons: its toast, or, where VS Code shows none or no longer, its item in the center. */
  async message(text: string | RegExp): Promise<Locator> {
    const toast = this.page
      .locator('.notifications-toasts .notification-list-item', { hasText: text })
      .first();
    try {
      await toast.waitFor({ timeout: 8_000 });
      return toast;
    } catch {
      await this.runCommand('Notifications: Show Notifications');
      const item = this.page
        .locator('.notifications-center .notification-list-item', { hasText: text })
        .first();
      await item.waitFor();
      // Those of the center are folded until one is chosen.
      if ((await item.locator('a.monaco-button').count()) === 0) await item.click();
      return item;
    }
  }

  async pressInMessage(text: string | RegExp, button: string): Promise<void> {
    await (await this.message(text)).locator('a.monaco-button', { hasText: button }).click();
  }

  async clearMessages(): Promise<void> {
    await this.runCommand('Notifications: Clear All Notifications');
  }

  /** The document of the Events panel, once it is there. Ask again after a reload or when it was hidden. */
  async eventsPanel(): Promise<Frame> {
    return await this.webview('sse-panel');
  }

  /** The document of the webview that contains the selector: VS Code keeps its webviews in no stable order. */
  async webview(selector: string): Promise<Frame> {
    return await until(`a webview with ${selector} is shown`, async () => {
      for (const frame of this.page.frames()) {
        if (frame.isDetached() || (await frame.frameElement().catch(() => undefined)) === undefined) continue;
        const count = await frame
          .locator(selector)
          .count()
          .catch(() => 0);
        if (count > 0) return frame;
      }
      return undefined;
    });
  }

  /** Picks a color theme and waits until it is there. */
  async setTheme(name: ThemeName): Promise<void> {
    await this.ask('Preferences: Color Theme', 'Color Theme');
    await this.inputBox.fill(name);
    await this.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: name }).waitFor();
    await this.inputBox.accept();
    await this.page.locator(`.monaco-workbench.${themes[name]}`).waitFor();
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  }

  async screenshot(path: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await Promise.all(this.page.frames().map(drawn));
    await this.page.screenshot({ path });
  }

  async #ready(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: 60_000 });
    // What extensions contribute comes later than the workbench itself.
    await this.activityIcon('SSE Debugger').waitFor({ timeout: 60_000 });
  }
}

/** Of a webview that rests, Chromium may have no picture: it makes one where a frame is asked for. One out of view has none. */
async function drawn(frame: Frame): Promise<void> {
  const draw = () =>
    new Promise<unknown>((resolve) => {
      // Icons are a font.
      document.fonts.ready.then(() => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      setTimeout(resolve, 1_000);
    });
  await frame.evaluate(draw).catch(() => undefined);
}

/** The open quick input: where a command asks for a text. */
class InputBox {
  readonly input: Locator;
  readonly #page: Page;
  readonly #widget: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.#widget = page.locator('.quick-input-widget:visible');
    this.input = this.#widget.locator('.quick-input-box input');
  }

  async fill(text: string): Promise<void> {
    await this.input.fill(text);
  }

  async accept(): Promise<void> {
    await this.input.press('Enter');
  }

  async cancel(): Promise<void> {
    await this.#page.keyboard.press('Escape');
    await this.#widget.waitFor({ state: 'hidden' });
  }

  /** The prompt, or what validation says. */
  async message(): Promise<string> {
    return await this.#widget.locator('.quick-input-message').innerText();
  }

  async placeholder(): Promise<string> {
    return (await this.input.getAttribute('placeholder')) ?? '';
  }

  async isPasswordBox(): Promise<boolean> {
    return (await this.input.getAttribute('type')) === 'password';
  }

  /** Waits until the quick input with this prompt, placeholder or title is open. */
  async waitFor(text: string | RegExp, timeoutMs?: number): Promise<void> {
    const says = async (): Promise<boolean> => {
      if ((await this.#widget.count()) === 0) return false;
      const texts = [
        await this.#widget.innerText({ timeout: 1_000 }),
        await this.input.getAttribute('placeholder', { timeout: 1_000 }),
      ];
      return texts.some((each) => (typeof text === 'string' ? each?.includes(text) : text.test(each ?? '')));
    };
    // It may close between two looks.
    await until(`an input box says ${text}`, () => says().catch(() => false), timeoutMs);
  }
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
