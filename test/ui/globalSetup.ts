import { packageExtension } from '../../scripts/package.ts';
import { chromiumPath } from '../support/chromium.ts';
import { installServer } from '../support/vscodeHost/installServer.ts';

/** What takes long on first use happens here, where no test's time limit runs. */
export async function setup(): Promise<void> {
  await installServer();
  await chromiumPath();
  // The runner of all tiers has packaged it already.
  if (process.env.SSE_DEBUGGER_VSIX) return;
  console.log('Packaging the extension...');
  process.env.SSE_DEBUGGER_VSIX = packageExtension();
}
