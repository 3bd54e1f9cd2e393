import {
  databaseTuning,
  optional,
  readEnvironment,
  serviceVariables,
} from "@plugboard/service-kit/environment";
import { parseReviewSettings } from "./reviews/index.ts";

const variables = {
  ...serviceVariables,
  PLUGBOARD_REGISTRY_TOKEN: optional("the host token, 16 to 512 visible ASCII characters", parseToken),
  PLUGBOARD_REVIEWS: optional(
    'a JSON object of review settings, such as {"priorWeight":20}',
    parseReviewSettings,
  ),
  PLUGBOARD_REGISTRY_OPERATOR_TOKEN: optional(
    "the operator token, 16 to 512 visible ASCII characters",
    parseToken,
  ),
};

export type RegistryConfig = ReturnType<typeof readConfig>;

/** Reads what a registry run apart is told from outside. @throws {EnvironmentError} one line that names the variable */
export function readConfig(env: NodeJS.ProcessEnv) {
  const values = readEnvironment(env, variables);
  return {
    port: values.PORT,
    host: values.HOST,
    trustProxy: values.PLUGBOARD_TRUST_PROXY,
    dataDir: values.PLUGBOARD_DATA_DIR,
    databaseUrl: values.DATABASE_URL,
    ...databaseTuning(values),
    masterKey: values.PLUGBOARD_MASTER_KEY,
    hostToken: values.PLUGBOARD_REGISTRY_TOKEN,
    reviews: values.PLUGBOARD_REVIEWS,
    operatorToken: values.PLUGBOARD_REGISTRY_OPERATOR_TOKEN,
    logLevel: values.LOG_LEVEL,
  };
}

function parseToken(text: string): string {
  if (!/^[\x21-\x7e]{16,512}$/.test(text)) throw new TypeError("no token");
  return text;
}
