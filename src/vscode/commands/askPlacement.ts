import * as vscode from 'vscode';
import { defaultCredentialName, type Placement } from '../../auth/placement.ts';
import { plainText } from '../plainText.ts';

const { t } = vscode.l10n;

/** Where the token goes in the request; undefined where the user gave up. */
export async function askPlacement(
  url: URL,
): Promise<{ placement: Placement; name: string } | 'none' | undefined> {
  const item = (placement: Placement, label: string, description: string, icon: string) => ({
    placement,
    label,
    description,
    iconPath: new vscode.ThemeIcon(icon),
  });
  const picked = await vscode.window.showQuickPick(
    [
      item('none', t('No token'), t('the stream is open to everyone'), 'unlock'),
      item('header', t('Token in a header'), 'Authorization: Bearer …', 'key'),
      item('query', t('Token in the query'), `?${defaultCredentialName.query}=…`, 'link'),
      item('cookie', t('Token in a cookie'), `Cookie: ${defaultCredentialName.cookie}=…`, 'database'),
    ],
    {
      title: t('How does {0} authenticate?', plainText(url.host)),
      placeHolder: t('Where the token goes in the request'),
    },
  );
  if (!picked) return undefined;
  const { placement } = picked;
  return placement === 'none' ? 'none' : { placement, name: defaultCredentialName[placement] };
}
