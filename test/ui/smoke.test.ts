import { expect, it } from 'vitest';
import { useUi } from './harness.ts';

const ui = useUi();

it('shows its view container in the activity bar, with its views', async () => {
  const { workbench } = ui();
  await workbench.showViewContainer('SSE Debugger');
  await workbench.view('Connections').waitFor();
  await workbench.view('Token').waitFor();
});

it('is in the palette by its category', async () => {
  const { workbench } = ui();
  await workbench.page.keyboard.press('F1');
  await workbench.inputBox.fill('>SSE Debugger: Connect...');
  const row = workbench.quickPickRows().filter({ hasText: 'SSE Debugger: Connect...' }).first();
  await row.waitFor();
  await workbench.inputBox.cancel();
  expect(await workbench.quickPickRows().count()).toBe(0);
});
