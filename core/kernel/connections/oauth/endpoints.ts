import {
  fillTextTemplate,
  fillUrlTemplate,
  type Manifest,
  type OAuth2Auth,
  permitsRequest,
} from "@plugboard/plugin-sdk/manifest";
import { TokenFailure } from "./failure.ts";

/** An OAuth 2 declaration with the connection's settings in it. */
export interface Endpoints {
  tokenUrl: URL;
  authorizationUrl: URL | undefined;
  revocationUrl: URL | undefined;
  authorizationParams: Record<string, string>;
  tokenParams: Record<string, string>;
  callbackParams: Record<string, string>;
  audience: string | undefined;
}

/**
 * Fills the declaration's templates. What gets a secret has to be within what the tenant agreed to, here as everywhere.
 * @throws TokenFailure `client-refused`, if a setting is missing or leads elsewhere
 */
export function endpointsOf(
  { permissions }: Pick<Manifest, "permissions">,
  auth: OAuth2Auth,
  config: Record<string, unknown>,
): Endpoints {
  const network = (permissions.network ?? []).filter(({ credential }) => credential !== false);
  const urlOf = (template: string): URL => {
    const url = fillUrlTemplate(template, config);
    if (url && permitsRequest(network, { method: "POST", url }, config)) return url;
    throw unfit(template);
  };
  const textsOf = (templates: Record<string, string> = {}) =>
    Object.fromEntries(Object.entries(templates).map(([name, template]) => [name, textOf(template, config)]));
  return {
    tokenUrl: urlOf(auth.tokenUrl),
    authorizationUrl: auth.authorizationUrl ? filled(auth.authorizationUrl, config) : undefined,
    revocationUrl: auth.revocationUrl ? urlOf(auth.revocationUrl) : undefined,
    authorizationParams: textsOf(auth.authorizationParams),
    tokenParams: textsOf(auth.tokenParams),
    callbackParams: textsOf(auth.callbackParams),
    audience: auth.assertion && textOf(auth.assertion.audience, config),
  };
}

function filled(template: string, config: Record<string, unknown>): URL {
  const url = fillUrlTemplate(template, config);
  if (!url) throw unfit(template);
  return url;
}

function textOf(template: string, config: Record<string, unknown>): string {
  const text = fillTextTemplate(template, config);
  if (text === undefined) throw unfit(template);
  return text;
}

function unfit(template: string): TokenFailure {
  return new TokenFailure(
    "client-refused",
    "settings_missing",
    `The connection's settings do not fill ${JSON.stringify(template)} to something that the plugin may use.`,
  );
}
