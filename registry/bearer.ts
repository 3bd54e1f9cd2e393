import type { RequestHead } from "@plugboard/service-kit/http";

/** The token of a request that shows one. */
export function bearerOf(request: Pick<RequestHead, "headers">): string | undefined {
  const [, given] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
  return given;
}
