import { coreError } from "../../../errors.ts";

/** @throws `return-url-not-allowed` */
export function checkReturn(returnUrl: string, origins: readonly string[]): void {
  const url = URL.parse(returnUrl);
  if (url && url.username === "" && url.password === "" && origins.includes(url.origin)) return;
  throw coreError(
    "return-url-not-allowed",
    `People may not be sent back to ${url ? url.origin : "what is no URL"}; the operator allows ${origins.join(", ") || "no place"}.`,
  );
}
