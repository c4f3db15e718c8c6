// An extension with an authentication provider, as that of GitHub or Microsoft: what it hands out is minted by the
// server that the user's settings name.
const vscode = require('vscode');

const provider = 'test-accounts';
const account = { id: 'alice', label: 'alice@test' };

exports.activate = (context) => {
  const changed = new vscode.EventEmitter();
  let sessions = [];
  const implementation = {
    onDidChangeSessions: changed.event,
    getSessions: async () => sessions,
    async createSession(scopes) {
      const url = vscode.workspace.getConfiguration('testAccounts').get('tokenUrl');
      const { token: accessToken } = await (await fetch(url, { method: 'POST' })).json();
      const removed = sessions;
      sessions = [{ id: String(Date.now()), accessToken, account, scopes: [...scopes] }];
      changed.fire({ added: sessions, removed, changed: [] });
      return sessions[0];
    },
    async removeSession() {
      const removed = sessions;
      sessions = [];
      changed.fire({ added: [], removed, changed: [] });
    },
  };
  context.subscriptions.push(
    vscode.authentication.registerAuthenticationProvider(provider, 'Test Accounts', implementation),
  );
};
