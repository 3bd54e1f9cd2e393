/** As much of oidc-provider as the tests use: a certified OAuth 2 and OpenID Connect server. */
declare module "oidc-provider" {
  import type { IncomingMessage, ServerResponse } from "node:http";

  interface GrantContext {
    oidc: {
      params: Record<string, string>;
      client: { clientId: string };
      session?: { accountId: string };
      result?: object;
    };
    body: unknown;
  }

  export default class Provider {
    constructor(issuer: string, configuration: object);
    proxy: boolean;
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>;
    registerGrantType(
      name: string,
      handler: (ctx: GrantContext) => Promise<void>,
      parameters: string[],
    ): void;
    AccessToken: { find(token: string): Promise<{ accountId?: string; clientId: string } | undefined> };
    ClientCredentials: {
      new (fields: object): { save(): Promise<string>; expiration: number };
      find(token: string): Promise<{ clientId: string } | undefined>;
    };
    Grant: new (
      fields: object,
    ) => { addOIDCScope(scope: string): void; save(): Promise<string> };
  }
}
