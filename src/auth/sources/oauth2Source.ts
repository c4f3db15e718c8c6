// OAuth 2.0 access tokens: the client's own (RFC 6749 section 4.4), by a refresh token that was given (section 6), or by
// a sign-in in the browser (section 4.1, with PKCE, RFC 7636).
import * as oauth from 'oauth4webapi';
import { AppError, isAppError } from '../../base/errors.ts';
import { NoTokenError } from '../../sse/connection.ts';
import {
  findServer,
  refusalOf,
  requestOptions,
  type ServerPorts,
  type ServerSettings,
} from './oauthServer.ts';
import { type InteractiveSource, type SourceToken, type TokenSource, tokenFrom } from './tokenSource.ts';

export interface OAuth2Settings extends ServerSettings {
  grant: 'client_credentials' | 'refresh_token' | 'authorization_code';
  clientId: string;
  /** The name of a stored secret. */
  clientSecret?: string | undefined;
  /** How the client's secret is sent (RFC 6749 section 2.3.1): in the Authorization header, or in the body. */
  clientAuthentication: 'basic' | 'post';
  /** The name of the stored secret that holds the refresh token, for the grant of that name. */
  refreshToken?: string | undefined;
  scope?: string | undefined;
  /** Not in the RFCs, asked for by many servers. */
  audience?: string | undefined;
  /** RFC 8707. */
  resource?: string | undefined;
}

export interface OAuth2Ports extends ServerPorts {
  /** The value of a stored secret, masked from now on. Rejects with AppError `secret.missing`. */
  secret(name: string): Promise<string>;
  /** Where the refresh token is kept. */
  refreshToken: { read(): Promise<string | undefined>; write(token: string | undefined): Promise<void> };
  /** Rejects where the user doesn't want the credentials of this client to go there. */
  approve(origin: string): Promise<void>;
  /** Opens the browser and brings back where it was sent to in the end. */
  browser: SignInBrowser;
}

/** The user's browser, and a place that it can be sent back to (RFC 8252 section 7). */
export interface SignInBrowser {
  /** Rejects with AppError `signIn.*`, or with the signal's reason. `pageOf` makes the sign-in's URL. */
  visit(
    pageOf: (redirectUri: string, state: string) => Promise<string>,
    signal: AbortSignal,
  ): Promise<SignInReturn>;
}

export interface SignInReturn {
  /** Where the browser came back to, its query with the answer. */
  url: URL;
  redirectUri: string;
  state: string;
}

export function oauth2Source(
  key: string,
  settings: OAuth2Settings,
  ports: OAuth2Ports,
): TokenSource | InteractiveSource {
  const client = new OAuth2Client(settings, ports);
  const source: TokenSource = {
    kind: 'oauth2',
    key,
    mints: true,
    canRefresh: true,
    read: (signal) => client.token(signal),
  };
  return settings.grant === 'authorization_code'
    ? { ...source, signIn: (signal: AbortSignal) => client.signIn(signal) }
    : source;
}

class OAuth2Client {
  readonly #settings: OAuth2Settings;
  readonly #ports: OAuth2Ports;
  readonly #client: oauth.Client;

  constructor(settings: OAuth2Settings, ports: OAuth2Ports) {
    this.#settings = settings;
    this.#ports = ports;
    this.#client = { client_id: settings.clientId };
  }

  async token(signal: AbortSignal): Promise<SourceToken> {
    const server = await this.#server(false, signal);
    if (this.#settings.grant === 'client_credentials') {
      const parameters = new URLSearchParams(this.#asked());
      return this.#exchange(
        server,
        async (authentication, options) => {
          const response = await oauth.clientCredentialsGrantRequest(
            server,
            this.#client,
            authentication,
            parameters,
            options,
          );
          return oauth.processClientCredentialsResponse(server, this.#client, response);
        },
        signal,
      );
    }
    const refreshToken = await this.#ports.refreshToken.read();
    if (refreshToken === undefined) throw new NoTokenError();
    this.#ports.mask(refreshToken);
    try {
      return await this.#exchange(
        server,
        async (authentication, options) => {
          const response = await oauth.refreshTokenGrantRequest(
            server,
            this.#client,
            authentication,
            refreshToken,
            { ...options, additionalParameters: this.#asked() },
          );
          return oauth.processRefreshTokenResponse(server, this.#client, await withoutIdToken(response));
        },
        signal,
      );
    } catch (error) {
      const isOver = isAppError(error, 'tokenServer.refused') && error.facts.error === 'invalid_grant';
      if (!isOver || this.#settings.grant !== 'authorization_code') throw error;
      // Signed out, or too long ago: it won't be taken again.
      await this.#ports.refreshToken.write(undefined);
      throw new NoTokenError();
    }
  }

  async signIn(signal: AbortSignal): Promise<SourceToken> {
    const server = await this.#server(true, signal);
    const verifier = oauth.generateRandomCodeVerifier();
    const challenge = await oauth.calculatePKCECodeChallenge(verifier);
    const pageOf = async (redirectUri: string, state: string): Promise<string> => {
      const page = new URL(server.authorization_endpoint ?? '');
      const query = {
        client_id: this.#settings.clientId,
        response_type: 'code',
        redirect_uri: redirectUri,
        code_challenge: challenge,
        code_challenge_method: 'S256',
        state,
        ...this.#asked(),
      };
      for (const [name, value] of Object.entries(query)) page.searchParams.set(name, value);
      return page.href;
    };
    const { url, redirectUri, state } = await this.#ports.browser.visit(pageOf, signal);
    const answer = attempt(
      () => oauth.validateAuthResponse(server, this.#client, url, state),
      new URL(server.authorization_endpoint ?? '').origin,
    );
    this.#ports.mask(answer.get('code') ?? '');
    return this.#exchange(
      server,
      async (authentication, options) => {
        const response = await oauth.authorizationCodeGrantRequest(
          server,
          this.#client,
          authentication,
          answer,
          redirectUri,
          verifier,
          options,
        );
        return oauth.processGenericTokenEndpointResponse(
          server,
          this.#client,
          await withoutIdToken(response),
        );
      },
      signal,
    );
  }

  async #server(needsAuthorization: boolean, signal: AbortSignal): Promise<oauth.AuthorizationServer> {
    const server = await findServer(this.#settings, needsAuthorization, this.#ports, signal);
    await this.#ports.approve(new URL(server.token_endpoint ?? '').origin);
    return server;
  }

  #asked(): Record<string, string> {
    const { scope, audience, resource } = this.#settings;
    const all = { scope, audience, resource };
    return Object.fromEntries(
      Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
  }

  async #exchange(
    server: oauth.AuthorizationServer,
    send: (
      authentication: oauth.ClientAuth,
      options: ReturnType<typeof requestOptions>,
    ) => Promise<oauth.TokenEndpointResponse>,
    signal: AbortSignal,
  ): Promise<SourceToken> {
    const { origin } = new URL(server.token_endpoint ?? '');
    let skewMs: number | undefined;
    const ask: ServerPorts['ask'] = async (request, signal) => {
      const answer = await this.#ports.ask(request, signal);
      skewMs = answer.skewMs;
      return answer;
    };
    let given: oauth.TokenEndpointResponse;
    try {
      given = await send(await this.#authentication(), requestOptions({ ...this.#ports, ask }, signal));
    } catch (error) {
      throw signal.aborted ? error : (refusalOf(error, origin) ?? error);
    }
    if (given.token_type !== 'bearer')
      throw new AppError('tokenServer.answer', { origin, reason: `its token_type is ${given.token_type}` });
    if (given.refresh_token !== undefined) {
      this.#ports.mask(given.refresh_token);
      await this.#ports.refreshToken.write(given.refresh_token);
    }
    return {
      token: tokenFrom('oauth2', given.access_token),
      ...(given.expires_in === undefined ? {} : { lifetimeMs: given.expires_in * 1_000 }),
      ...(skewMs === undefined ? {} : { skewMs }),
    };
  }

  async #authentication(): Promise<oauth.ClientAuth> {
    const { clientSecret, clientAuthentication } = this.#settings;
    if (clientSecret === undefined) return oauth.None();
    const value = await this.#ports.secret(clientSecret);
    return clientAuthentication === 'post' ? oauth.ClientSecretPost(value) : oauth.ClientSecretBasic(value);
  }
}

/** An ID token isn't what we are after: its issuer and audience may be ones that the settings don't name. */
async function withoutIdToken(response: Response): Promise<Response> {
  if (response.status !== 200) return response;
  const { id_token: _, ...rest } = (await response.json()) as Record<string, unknown>;
  return new Response(JSON.stringify(rest), { status: 200, headers: response.headers });
}

function attempt<T>(run: () => T, origin: string): T {
  try {
    return run();
  } catch (error) {
    throw refusalOf(error, origin) ?? error;
  }
}
