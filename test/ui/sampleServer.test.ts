import { expect, it } from 'vitest';
import { useUi } from './harness.ts';
import { Journey } from './journey.ts';

// A user who has nothing to connect to.

const ui = useUi();
const journey = (): Journey => new Journey(ui().workbench);

it('says what to do where there is no connection', async () => {
  await ui().workbench.showViewContainer('SSE Debugger');
  const view = ui().workbench.view('Connections');
  await view.getByRole('button', { name: 'Connect...' }).first().waitFor();
  await view.getByRole('button', { name: 'Start Sample Server' }).first().waitFor();
  await journey().picture('welcome');
});

it('starts the sample server and streams from it without a question', async () => {
  const { workbench } = ui();
  await workbench.view('Connections').getByRole('button', { name: 'Start Sample Server' }).first().click();
  await workbench.pressInMessage(/sample server listens at http:\/\/127\.0\.0\.1:\d+/, 'Connect');
  await journey().untilState('Open');
  await journey().untilRow('event', 'order.created');
  await journey()
    .treeRow('Token', /Subject.*alice/)
    .waitFor();
  expect(await workbench.inputBox.input.count()).toBe(0);
});

it('counts down when the server is stopped, and forgets the token when it is told to', async () => {
  const { workbench } = ui();
  await workbench.runCommand('Stop Server');
  await journey().untilState('Waiting');
  await workbench.runCommand('Disconnect');
  await journey().untilState('Disconnected');
  await workbench.runCommand('Forget Token');
  await workbench.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Forget' }).click();
  await workbench.view('Token').getByRole('button', { name: 'Set Token...' }).first().waitFor();
});
