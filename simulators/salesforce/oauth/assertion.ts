import { createPublicKey } from "node:crypto";
import { decodeJwt, errors, jwtVerify } from "jose";
import { type Apps, appOf, OAuthError } from "./apps.ts";

/** An assertion may say that it is good for so long at most. */
const mostSeconds = 300;

/**
 * Checks what an app signed in the name of a user: https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_jwt_flow.htm
 *
 * @param audiences who the assertion may be for
 * @returns whose name it is in @throws OAuthError
 */
export async function readAssertion(
  assertion: string,
  { apps, audiences, nowMs }: { apps: Apps; audiences: readonly string[]; nowMs(): number },
): Promise<{ clientId: string; username: string }> {
  const clientId = issuerOf(assertion);
  const app = appOf(apps, clientId);
  if (app.certificate === undefined) throw new OAuthError("invalid_grant", "app has no certificate");
  const { payload } = await jwtVerify(assertion, createPublicKey(app.certificate), {
    algorithms: ["RS256"],
    currentDate: new Date(nowMs()),
    requiredClaims: ["exp"],
  }).catch((error: unknown) => {
    if (error instanceof errors.JWTExpired)
      throw new OAuthError("invalid_grant", "expired authorization code");
    throw new OAuthError("invalid_grant", "invalid assertion");
  });
  if (Number(payload.exp) > nowMs() / 1000 + mostSeconds)
    throw new OAuthError("invalid_grant", "assertion's expiration is too far in the future");
  const isForUs = [payload.aud]
    .flat()
    .some((audience) => audience !== undefined && audiences.includes(audience));
  if (!isForUs) throw new OAuthError("invalid_grant", "audience is invalid");
  const username = payload.sub ?? "";
  if (app.preauthorized && !app.preauthorized.includes(username))
    throw new OAuthError("invalid_grant", "user hasn't approved this consumer");
  return { clientId, username };
}

function issuerOf(assertion: string): string {
  try {
    return decodeJwt(assertion).iss ?? "";
  } catch {
    throw new OAuthError("invalid_grant", "invalid assertion");
  }
}
