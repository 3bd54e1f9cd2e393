import { Connection, type OAuth2 } from "jsforce";
import {
  type SalesforceSimulator,
  type SalesforceSimulatorOptions,
  startSalesforceSimulator,
} from "../index.ts";

export const accessToken = "00Dacme!token";
export const version = "66.0";

export interface Connected extends SalesforceSimulator {
  /** jsforce, with a token of the org `acme`. */
  salesforce: Connection;
  as(options: { accessToken?: string; refreshToken?: string; oauth2?: OAuth2 }): Connection;
}

/** A simulator, with jsforce pointed at it. */
export async function connect(options: SalesforceSimulatorOptions = {}): Promise<Connected> {
  const simulator = await startSalesforceSimulator({ accessTokens: { [accessToken]: "acme" }, ...options });
  const as: Connected["as"] = (more) =>
    new Connection({ instanceUrl: simulator.url, loginUrl: simulator.url, version, ...more });
  return { ...simulator, as, salesforce: as({ accessToken }) };
}

/** What a jsforce call was refused with. */
export async function refusalOf(
  call: PromiseLike<unknown>,
): Promise<{ errorCode: string; message: string; fields: unknown }> {
  try {
    await call;
  } catch (error) {
    const {
      errorCode = "",
      message = "",
      data,
    } = error as {
      errorCode?: string;
      message?: string;
      data?: { fields?: unknown };
    };
    return { errorCode, message, fields: data?.fields };
  }
  throw new Error("It was not refused.");
}
