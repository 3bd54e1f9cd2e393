import type { ServerResponse } from "node:http";

/** For a batch that is answered with `response`: what its caller has not taken is in memory until then. */
export function whenSent(
  response: Pick<ServerResponse, "closed"> & { once(event: "close", listener: () => void): unknown },
): (release: () => void) => void {
  return (release) => {
    if (response.closed) release();
    else response.once("close", release);
  };
}
