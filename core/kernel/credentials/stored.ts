import type { Credential, OAuth2Input } from "./schemas.ts";

/** What a connection holds, sealed. */
export type StoredCredential = Credential | StoredOAuth2;

/** Without `tokens` none were ever got: nobody has agreed yet, or they are asked for at the first call. */
export type StoredOAuth2 = OAuth2Input & { tokens?: TokenSet };

/** Times are in ms since 1970. */
export interface TokenSet {
  accessToken: string;
  obtainedAt: number;
  /** Absent: until the vendor refuses it. */
  expiresAt?: number;
  refreshToken?: string;
  refreshExpiresAt?: number;
  /** The one that `refreshToken` came for, where the vendor rotates them. */
  previousRefreshToken?: string;
}
