import { defineErrors } from "./errors.ts";

/** The errors that every service has, because the HTTP layer itself answers with them. */
export const httpErrors = defineErrors({
  "malformed-url": {
    status: 400,
    title: "Malformed URL",
    description: "The path or its percent-encoding cannot be read. Encode each part of the path as UTF-8.",
  },
  "malformed-json": {
    status: 400,
    title: "Malformed JSON",
    description: "The request body is not JSON text in UTF-8. The detail says where it stops making sense.",
  },
  "request-incomplete": {
    status: 400,
    title: "Incomplete request",
    description:
      "The connection ended, or the upload was cut, before the whole request body had arrived. Send it again.",
  },
  unauthorized: {
    status: 401,
    title: "Not authenticated",
    description:
      "The request carries no credential, or one that is not valid. Send a valid key in the Authorization header.",
  },
  forbidden: {
    status: 403,
    title: "Not allowed",
    description:
      "The credential is valid but does not allow this. Use one with the scope or role that the detail names.",
  },
  "route-not-found": {
    status: 404,
    title: "No such route",
    description: "There is nothing at this path. The OpenAPI document lists every route.",
  },
  "method-not-allowed": {
    status: 405,
    title: "Method not allowed",
    description: "The path exists but not with this method. The Allow header lists the methods it has.",
  },
  "payload-too-large": {
    status: 413,
    title: "Payload too large",
    description:
      "The request body, or one part of it, is larger than this route takes. The detail names the limit.",
  },
  "unsupported-media-type": {
    status: 415,
    title: "Unsupported media type",
    description:
      "The Content-Type or Content-Encoding is not one this route takes. The detail names what it takes.",
  },
  "invalid-request": {
    status: 422,
    title: "Invalid request",
    description:
      "The request was understood but does not fit the schema. `problems` lists every place that is wrong, as a JSON pointer (RFC 6901) and a message.",
  },
  "rate-limited": {
    status: 429,
    title: "Too many requests",
    description:
      "A limit was reached. Wait as many seconds as the Retry-After header says, then send it again.",
  },
  "internal-error": {
    status: 500,
    title: "Internal error",
    description:
      "Something failed that should not have. It was logged under the request id; report that id to the operator.",
  },
  unavailable: {
    status: 503,
    title: "Unavailable",
    description: "A part that this request needs is not available at present. Try again later.",
  },
  "shutting-down": {
    status: 503,
    title: "Shutting down",
    description: "This server is stopping and takes no new requests. Send it again; another one will answer.",
  },
});
