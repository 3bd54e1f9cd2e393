/** One of the errors of a refusal: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm */
export interface ApiError {
  errorCode: string;
  message: string;
  /** Left out where Salesforce leaves it out. */
  fields?: string[];
}

/** Ends a request with a reply of Salesforce's. */
export class SalesforceError extends Error {
  readonly status: number;
  readonly errors: ApiError[];

  constructor(status: number, errorCode: string, message: string, fields?: string[]) {
    super(`Salesforce answers ${status} ${errorCode}.`);
    this.status = status;
    this.errors = [{ message, errorCode, ...(fields && { fields }) }];
  }
}

export const notFound = (message = "The requested resource does not exist") =>
  new SalesforceError(404, "NOT_FOUND", message);

export const malformedQuery = (message: string) => new SalesforceError(400, "MALFORMED_QUERY", message);

export const jsonError = (message: string) => new SalesforceError(400, "JSON_PARSER_ERROR", message);
