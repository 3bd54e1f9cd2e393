import { createPrivateKey } from "node:crypto";
import { checkRequests, type Manifest, type RequestsDeclaration } from "@plugboard/plugin-sdk/manifest";
import { coreError } from "../../errors.ts";
import { authDeclaration, authMethodOf, type CredentialInput } from "../credentials/index.ts";
import { configProblems, supportedAuth, toldSettings } from "./fit.ts";

/** @throws `auth-not-supported`, `credential-invalid` */
export function checkAuth(manifest: Manifest, auth: CredentialInput): void {
  checkMethod(manifest, authMethodOf(auth));
  if (auth.type !== "oauth2") return;
  const isSigned = auth.grant === "jwt_bearer";
  const wrong = isSigned
    ? auth.privateKey === undefined && "jwt_bearer needs privateKey, in PEM."
    : [auth.privateKey, auth.subject, auth.keyId].some((field) => field !== undefined) &&
      `privateKey, subject and keyId have no use with ${auth.grant}.`;
  if (wrong) throw invalid(wrong);
  if (auth.privateKey !== undefined && !isPrivateKey(auth.privateKey)) {
    throw invalid("privateKey is no private key in PEM, or is under a passphrase.");
  }
}

/** @throws `auth-not-supported` */
export function checkMethod(manifest: Manifest, method: string): void {
  if (authDeclaration(manifest, method)) return;
  const supported = supportedAuth(manifest);
  throw coreError(
    "auth-not-supported",
    `${manifest.id} cannot be connected with "${method}"; it takes ${supported.join(" or ") || "no credential at all"}.`,
    { supported },
  );
}

/**
 * @param authType what the vendor is still to tell may be missing
 * @throws `connection-config-invalid`
 */
export function checkConfig(manifest: Manifest, config: Record<string, unknown>, authType: string): void {
  const problems = configProblems(manifest, config, toldSettings(manifest, authType));
  if (problems.length === 0) return;
  throw coreError(
    "connection-config-invalid",
    `The configuration does not fit what ${manifest.id} expects.`,
    { problems },
  );
}

/**
 * What a tenant says of its requests: of its own account, not of what it shares with others.
 * @throws `connection-config-invalid`
 */
export function checkOwnRequests(manifest: Manifest, requests: unknown): void {
  const wrong = checkRequests(requests, manifest.permissions);
  const shared =
    wrong.length > 0
      ? []
      : ((requests as RequestsDeclaration).limits ?? []).flatMap(({ per = "connection" }, index) =>
          per === "connection"
            ? []
            : [
                {
                  pointer: `/requests/limits/${index}/per`,
                  message: `is "${per}"; expected "connection", for what others share is not one tenant's to set.`,
                },
              ],
        );
  const problems = [...wrong.map(({ pointer, message }) => ({ pointer, message })), ...shared];
  if (problems.length === 0) return;
  throw coreError("connection-config-invalid", `What is said of requests does not fit ${manifest.id}.`, {
    problems,
  });
}

function isPrivateKey(pem: string): boolean {
  try {
    createPrivateKey(pem);
    return true;
  } catch {
    return false;
  }
}

function invalid(detail: string) {
  return coreError("credential-invalid", detail);
}
